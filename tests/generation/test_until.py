"""until: rows drawn in rounds, accepted by rules, against the same done in memory with the rows of a plain job."""

import re
import signal
import subprocess
import sys
import time
from itertools import islice
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from tests.generation.jobs import PROGRAM, rows_of, seed_file, settings_of
from textgen_core.datasets.manifest import read_manifest, working_directory
from textgen_core.decoding.request import Completion
from textgen_core.generation.acceptance import hash_of
from textgen_core.generation.settings import GenerationOptions, GenerationSettings, UntilSettings
from textgen_core.generation.stage import generate
from textgen_core.progress import silent

TWO = {"hot": {"temperature": 1.3}, "cool": {"top_k": 2}}


class Oracle:
    """Stands where the engine does: one letter a draw, by a hash, in another order than asked."""

    programs = SimpleNamespace(count=0, compile_seconds=0.0)

    def __init__(self, *arguments, **options):
        self.drawn_tokens = 0

    def run(self, requests):
        requests = iter(requests)
        while batch := list(islice(requests, 50)):
            for request in sorted(batch, key=lambda request: hash_of(f"{request.key}{request.sample_index}")):
                luck = hash_of(f"{request.key}{request.tag.row['sampler']}{request.sample_index}")
                text = " " * (luck % 2) + LETTERS[luck % 131 % len(LETTERS)]
                self.drawn_tokens += 1
                reason = "error" if luck % 23 == 0 else "length"
                yield Completion(request, request.sample_index, (luck % 5,), text, -1.0, reason)


@pytest.fixture
def oracle(monkeypatch):
    monkeypatch.setattr("textgen_core.decoding.engine.Engine", Oracle)


SHORT = {"samplers": TWO, "max_new_tokens": 1, "samples": 3}
"""Of one token, so that texts coincide."""
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?-+*/"


def reference(plain, wanted, until):
    """{(seed, sampler): draws accepted}, and the reasons of the others, from the rows of a job without until."""
    by_cell = {}
    for row in plain:
        by_cell.setdefault((row["seed_id"], row["sampler"]), []).append(row)
    have, at, taken, reasons = {cell: [] for cell in by_cell}, dict.fromkeys(by_cell, 0), set(), {}
    for turn in range(100):
        round_rows = []
        for cell, rows in by_cell.items():
            count = min((wanted - len(have[cell])) * 2**turn, wanted * until.budget - at[cell])
            round_rows += rows[at[cell] : at[cell] + count]
            at[cell] += count
        if not round_rows:
            return have, reasons, at
        for row in sorted(round_rows, key=lambda r: hash_of(f"{r['seed_id']}\0{r['sampler']}\0{r['sample_index']}")):
            cell, text = (row["seed_id"], row["sampler"]), row["text"].strip()
            if row["finish_reason"] == "error":
                reason = "error"
            elif until.match is not None and not re.fullmatch(until.match, row["text"]):
                reason = "unmatched"
            elif until.unique and text in taken:
                reason = "duplicate"
            elif len(have[cell]) == wanted:
                reason = "surplus"
            else:
                have[cell].append(row["sample_index"])
                taken.add(text)
                continue
            reasons[reason] = reasons.get(reason, 0) + 1
    raise AssertionError


UNTILS = [{"budget": 4}, {"budget": 3, "match": " ?[a-zA-Z]"}, {"unique": False, "match": "[^a-m]", "budget": 2}]


@pytest.mark.parametrize("until", UNTILS)
def test_the_accepted_rows_are_those_that_the_rules_choose_among_a_plain_jobs(tmp_path, rnn, oracle, until):
    until = UntilSettings(**until)
    most = 3 * until.budget
    plain = settings_of(tmp_path, rnn, seed_file(20), output="plain", **(SHORT | {"samples": most}))
    generate(plain, silent)
    asked = settings_of(tmp_path, rnn, seed_file(20), until=until, **SHORT)
    facts = generate(asked, silent).facts
    have, reasons, at = reference(rows_of(plain), 3, until)
    rows = rows_of(asked)
    found = {cell: [] for cell in have}
    for row in rows:
        assert row["sample_index"] == len(found[row["seed_id"], row["sampler"]])
        found[row["seed_id"], row["sampler"]].append(row["draw"])
    assert found == {cell: sorted(draws) for cell, draws in have.items()}
    drawn = {(row["seed_id"], row["sampler"], row["sample_index"]): row for row in rows_of(plain)}
    for row in rows:
        whole = drawn[row["seed_id"], row["sampler"], row["draw"]]
        assert row == whole | {"sample_index": row["sample_index"], "draw": row["draw"]}
    told = {name.removeprefix("dropped_"): count for name, count in facts.items() if name.startswith("dropped_")}
    assert told == reasons
    assert facts["draws"] == sum(at.values()) == len(rows) + sum(reasons.values())
    short = {seed for (seed, _), draws in have.items() if len(draws) < 3}
    rejects = rows_of(asked, "rejects")
    assert [f"s{row['source_row']}" for row in rejects] == sorted(short, key=lambda seed: int(seed[1:]))
    assert all(row["code"] == "too-few-accepted" for row in rejects)
    assert facts["rejects"] == len(short) > 0
    assert facts["generated"] == len({row["seed_id"] for row in rows})
    assert facts["seeds"] == 20


def test_neither_order_nor_shards_nor_lanes_decide_which_rows_are_accepted(tmp_path, rnn, oracle):
    plain = settings_of(tmp_path, rnn, seed_file(30), until={"budget": 3}, **SHORT)
    shuffled = seed_file(30, shuffled=True)
    other = settings_of(
        tmp_path, rnn, shuffled, "b.csv", "b", until={"budget": 3}, **SHORT, lanes=3, seeds_per_part=100
    )
    manifests = [generate(each, silent) for each in (plain, other)]
    names = ("draws", "rows", "tokens", "rounds", "dropped_duplicate", "dropped_surplus", "partly_accepted", "rejects")
    assert [manifests[0].facts.get(name) for name in names] == [manifests[1].facts.get(name) for name in names]

    def sorted_rows(each):
        return sorted(rows_of(each), key=lambda row: (row["seed_id"], row["sampler"], row["sample_index"]))

    assert sorted_rows(plain) == sorted_rows(other)
    assert manifests[0].facts["rounds"] > 1


def test_a_refused_seed_and_one_without_any_accepted_row_both_stand_in_rejects(tmp_path, rnn, oracle):
    content = "id,prompt,temperature\na,x,\n,x,\nb,x,0\nc,x,\n"
    asked = settings_of(
        tmp_path, rnn, content, samplers={"s": {}}, max_reject_share=0.5, until={"match": "never", "budget": 2}
    )
    facts = generate(asked, silent).facts
    assert [row["code"] for row in rows_of(asked, "rejects")] == [
        *("too-few-accepted", "no-id", "bad-knob", "too-few-accepted")
    ]
    assert (facts["rows"], facts["generated"], facts["rejects"], facts["partly_accepted"]) == (0, 0, 4, 0)
    assert facts["draws"] == facts["dropped_unmatched"] == 2 * 2 * 2


def test_a_constraint_with_few_texts_runs_out(tmp_path, rnn):
    asked = settings_of(
        tmp_path, rnn, seed_file(3), samplers={"s": {}}, choices=["ab", "c", "d"], samples=2, until={"budget": 8}
    )
    facts = generate(asked, silent).facts
    assert len({row["text"] for row in rows_of(asked)}) == facts["rows"] <= 3
    assert facts["rejects"] >= 2


def test_an_interrupted_job_goes_on_and_ends_with_the_same_bytes(tmp_path, rnn, oracle, monkeypatch):
    import textgen_core.generation.job as job

    whole = generate(settings_of(tmp_path, rnn, seed_file(30), output="whole", until={"budget": 3}, **SHORT), silent)
    broken = settings_of(tmp_path, rnn, seed_file(30), output="broken", lanes=1, until={"budget": 3}, **SHORT)
    monkeypatch.setattr(job, "SECONDS_BETWEEN_UPDATES", 0)

    def interrupt(update):
        assert update.values["accepted before"] + update.values["lacking before"] == 30 * 2 * 3
        if update.phase == "round 2" and update.done > 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(broken, interrupt)
    assert generate(broken, silent).digest() == whole.digest()
    assert not (broken.output / "scratch").exists()


@pytest.mark.slow
def test_a_killed_job_ends_with_the_same_bytes(tmp_path, rnn):
    options = SHORT | {"max_new_tokens": 3, "samples": 4, "until": {"budget": 6, "match": "[a-zA-Z]+"}}
    whole = generate(settings_of(tmp_path, rnn, seed_file(200), output="whole", **options), silent)
    asked = settings_of(tmp_path, rnn, seed_file(200), output="killed", **options)
    command = [sys.executable, "-c", PROGRAM, asked.model_dump_json()]
    scratch = working_directory(tmp_path / "killed") / "scratch"
    for round, enough in ((0, 1), (0, 9), (1, 1), (2, 3)):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        parts = scratch / f"round-{round:02}" / "generations"
        while process.poll() is None and len(list(parts.glob("*.parquet"))) < enough:
            time.sleep(0.01)
        assert process.poll() is None, "it ended before it was killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, capture_output=True)
    assert read_manifest(asked.output).digest() == whole.digest()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samplers": {"g": {"strategy": "greedy"}, "s": {}}, "until": {}}, "draw one text at a time; leave out g"),
        ({"samplers": {"b": {"strategy": "beam"}}, "until": {}}, "draw one text at a time"),
        ({"samplers": {"d": {"strategy": "stochastic_beam"}}, "until": {}}, "draw one text at a time"),
        ({"samplers": {"n": {"best_of": 4, "n_best": 2}}, "until": {}}, "draw one text at a time"),
        ({"until": {"match": "("}}, "regular expression"),
        ({"until": {"budget": 0}}, "budget"),
    ],
)
def test_what_can_not_be_is_one_clear_error(options, message):
    with pytest.raises(ValueError, match=message):
        GenerationOptions(**options)


def test_novel_needs_a_corpus():
    with pytest.raises(ValueError, match=r"until.novel needs corpus"):
        GenerationSettings(model="m", seeds="s", output="o", until={"novel": True})


def test_a_filter_that_is_too_large_is_one_clear_error(tmp_path, rnn):
    with pytest.raises(ValidationError, match="must compile within"):
        settings_of(tmp_path, rnn, seed_file(2), samplers={"s": {}}, until={"match": "(a|b)*a(a|b){30}"})


def test_what_stands_in_the_training_text_is_not_accepted(tmp_path, rnn, oracle, corpus_of):
    asked = settings_of(tmp_path, rnn, seed_file(10), samplers={"s": {}}, output="all", max_new_tokens=2)
    generate(asked, silent)
    texts = [row["text"] for row in rows_of(asked)]
    corpus = corpus_of([f"first {text} last" for text in texts[:5]])
    novel = settings_of(
        tmp_path,
        rnn,
        seed_file(10),
        samplers={"s": {}},
        max_new_tokens=2,
        corpus=corpus,
        until={"novel": True, "unique": False},
    )
    facts = generate(novel, silent).facts
    assert facts["dropped_copied"] >= 5
    assert facts["rows"] > 0
    documents = pq.read_table(corpus / "documents").to_pylist()
    whole = "\0".join(row["text"] for row in documents if row["split"] == "train")
    assert all(row["text"].strip() not in whole for row in rows_of(novel))
