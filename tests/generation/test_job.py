"""The stage as a whole: seeds in, datasets out, the same bytes however it went."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

from tests.decoding.exact import STEPS
from tests.generation.conftest import SETTINGS
from textgen_core.datasets.manifest import read_manifest, working_directory
from textgen_core.datasets.schemas import GENERATIONS
from textgen_core.datasets.stage import KEY
from textgen_core.decoding.settings import OF_CHOOSING, USED_BY
from textgen_core.errors import InputError, SettingsError
from textgen_core.generation.preview import continue_prompt
from textgen_core.generation.settings import GenerationSettings
from textgen_core.generation.stage import generate, generation_key
from textgen_core.models.directory import load_model
from textgen_core.progress import silent
from textgen_core.tokenization.tokenizers import load_tokenizer

SAMPLERS = {
    "top-p": {"top_p": 0.9},
    "greedy": {"strategy": "greedy"},
    "beam": {"strategy": "beam", "n_best": 2},
    "distinct": {"strategy": "stochastic_beam", "beams": 3},
}

TWO = {name: SAMPLERS[name] for name in ("top-p", "greedy")}


def settings_of(tmp_path, model, content, name="seeds.csv", output="out", **options):
    seeds = tmp_path / name
    seeds.write_bytes(content if isinstance(content, bytes) else content.encode())
    options = {"samplers": TWO, "samples": 2, "max_new_tokens": 12, "seeds_per_part": 7, **options}
    return GenerationSettings(model=model, seeds=seeds, output=tmp_path / output, **options)


def rows_of(settings, folder="generations"):
    return pq.read_table(settings.output / folder).to_pylist()


def seed_file(count, shuffled=False, width=6):
    """Prompts of one shape; with a greater width, of several."""
    rows = [f"s{i},prompt {i % 5} {'x' * (i % width)},{i}" for i in range(count)]
    if shuffled:
        random.Random(1).shuffle(rows)
    return "\n".join(["id,prompt,stars", *rows]) + "\n"


@pytest.mark.parametrize("family", SETTINGS)
def test_a_job(tmp_path, family, request):
    settings = settings_of(tmp_path, request.getfixturevalue(family), seed_file(20, width=40), samplers=SAMPLERS)
    manifest = generate(settings, silent)
    table = pq.read_table(settings.output / "generations")
    assert table.schema.names == [*GENERATIONS.names, "stars"]
    rows = table.to_pylist()
    expected = [
        (f"s{i}", sampler, index)
        for i in range(20)
        for sampler, count in (("beam", 2), ("distinct", 3), ("greedy", 1), ("top-p", 2))
        for index in range(count)
    ]
    assert [(row["seed_id"], row["sampler"], row["sample_index"]) for row in rows] == expected
    assert all(row["stars"] == int(row["seed_id"][1:]) for row in rows)
    assert all(row["n_tokens"] == len(row["token_ids"]) <= 12 for row in rows)
    assert [file.path for file in manifest.files] == [
        *(f"generations/part-0000{i}.parquet" for i in range(3)),
        "rejects/part-00000.parquet",
    ]
    assert (manifest.facts["seeds"], manifest.facts["generated"], manifest.facts["rejects"]) == (20, 20, 0)
    assert manifest.facts["rows"] == 160
    assert manifest.facts["tokens"] == sum(row["n_tokens"] for row in rows)
    assert generate(settings, silent) == manifest


def test_the_rows_do_not_depend_on_order_shards_lanes_or_other_seeds(tmp_path, rnn):
    plain = settings_of(tmp_path, rnn, seed_file(20))
    other = settings_of(tmp_path, rnn, seed_file(30, shuffled=True), "b.csv", "b", lanes=3, seeds_per_part=100)
    for settings in (plain, other):
        generate(settings, silent)
    by_key = {(row["seed_id"], row["sampler"], row["sample_index"]): row for row in rows_of(other)}
    assert all(by_key[row["seed_id"], row["sampler"], row["sample_index"]] == row for row in rows_of(plain))


def test_lanes_leave_the_bytes_as_they_are(tmp_path, rnn):
    digests = set()
    for lanes in (1, 3):
        settings = settings_of(tmp_path, rnn, seed_file(20), output=f"lanes-{lanes}", lanes=lanes)
        digests.add(generate(settings, silent).digest())
    assert len(digests) == 1


def test_an_interrupted_job_goes_on_and_ends_with_the_same_bytes(tmp_path, rnn):
    whole = generate(settings_of(tmp_path, rnn, seed_file(40), output="whole"), silent)
    broken = settings_of(tmp_path, rnn, seed_file(40), output="broken", lanes=1)
    parts = working_directory(tmp_path / "broken") / "generations"

    def interrupt(update):
        if len(list(parts.glob("*.parquet"))) >= 2:
            raise KeyboardInterrupt

    import textgen_core.generation.job as job

    job.SECONDS_BETWEEN_UPDATES, before = 0, job.SECONDS_BETWEEN_UPDATES
    with pytest.raises(KeyboardInterrupt):
        generate(broken, interrupt)
    job.SECONDS_BETWEEN_UPDATES = before
    finished = {path.name: path.stat().st_mtime_ns for path in parts.glob("*.parquet")}
    assert 2 <= len(finished) < 6
    assert generate(broken, silent).digest() == whole.digest()
    done = settings_of(tmp_path, rnn, seed_file(40), output="broken").output / "generations"
    assert {name: (done / name).stat().st_mtime_ns for name in finished} == finished


@pytest.mark.parametrize("until", [None, {"budget": 2}])
def test_only_seeds_that_are_answered_are_progress(tmp_path, rnn, monkeypatch, until):
    import textgen_core.generation.job as job

    updates, content = [], seed_file(40) + "s40,,0\n" * 3
    monkeypatch.setattr(job, "SECONDS_BETWEEN_UPDATES", 0)
    told = {"samplers": {"top-p": {"top_p": 0.9}}, "max_reject_share": 1, "until": until}
    settings = settings_of(tmp_path, rnn, content, **told)
    generate(settings, updates.append)
    phases = {}
    for update in updates:
        phases.setdefault(update.phase, []).append(update)
    for phase in phases.values():
        counts = [update.done for update in phase]
        assert counts == sorted(counts) and counts.count(43) == 1 and counts[-1] == phase[-1].total
    assert len(set(counts)) > 2 and min(counts) < 43, "it rises as they are answered"


def test_a_job_that_goes_on_says_how_many_tokens_were_there_before(tmp_path, rnn):
    whole = settings_of(tmp_path, rnn, seed_file(20), output="whole")
    assert "earlier_tokens" not in generate(whole, silent).facts
    begun = working_directory(tmp_path / "again") / "generations"
    begun.mkdir(parents=True)
    (begun.parent / KEY).write_text(generation_key(whole).digest)
    shutil.copy(whole.output / "generations" / "part-00001.parquet", begun)
    facts = generate(settings_of(tmp_path, rnn, seed_file(20), output="again"), silent).facts
    there = pq.read_table(whole.output / "generations" / "part-00001.parquet")["n_tokens"].to_pylist()
    assert facts["earlier_tokens"] == sum(there)
    assert 0 < facts["earlier_tokens"] < facts["tokens"]


PROGRAM = """
import sys
from textgen_core.generation.settings import GenerationSettings
from textgen_core.generation.stage import generate, generation_key
from textgen_core.progress import silent
generate(GenerationSettings.model_validate_json(sys.argv[1]), silent)
"""


@pytest.mark.slow
@pytest.mark.timeout(900)  # six jobs, each of which compiles anew
def test_a_killed_job_ends_with_the_same_bytes(tmp_path, transformer):
    options = {"max_new_tokens": 30, "samples": 10, "samplers": SAMPLERS}
    whole = generate(settings_of(tmp_path, transformer, seed_file(200, width=40), output="whole", **options), silent)
    settings = settings_of(tmp_path, transformer, seed_file(200, width=40), output="killed", **options)
    command = [sys.executable, "-c", PROGRAM, settings.model_dump_json()]
    begun = working_directory(tmp_path / "killed")
    parts = begun / "generations"
    for enough in (0, 1, 9, 20):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not (
            begun.exists() and len(list(parts.glob("*.parquet"))) >= enough + bool(enough)
        ):
            time.sleep(0.01)
        assert process.poll() is None, "it ended before it was killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, capture_output=True)
    assert read_manifest(settings.output).digest() == whole.digest()


def test_a_seed_files_own_columns_override(tmp_path, rnn):
    content = (
        "id,prompt,sampler,max_new_tokens,temperature,stop\n"
        "named,a,greedy,5,,\n"
        "cold,a,,,0,\n"
        "unknown,a,nobody,,,\n"
        "worded,a,,many,,\n"
        "negative,a,,,-1,\n"
        "stopped,a,,,,a\n"
        "endless,a,,2000000,,\n"
    )
    settings = settings_of(tmp_path, rnn, content, max_reject_share=0.6)
    facts = generate(settings, silent).facts
    assert facts["rejected_bad-knob"] == facts["rejects"] == 4
    assert facts["seeds"] == 7
    rows = rows_of(settings)
    named, cold, stopped = ([row for row in rows if row["seed_id"] == id] for id in ("named", "cold", "stopped"))
    assert [(row["sampler"], row["n_tokens"] <= 5) for row in named] == [("greedy", True)]
    assert [row["sampler"] for row in cold] == ["greedy", "top-p"]
    assert cold[0]["token_ids"] == cold[1]["token_ids"]
    assert not any("a" in row["text"] for row in stopped)
    assert "sampler" in rows[0]
    assert rows[-1]["stop"] == "a"
    rejects = rows_of(settings, "rejects")
    assert [row["source_row"] for row in rejects] == [2, 3, 4, 6]
    assert "nobody" in rejects[0]["message"]


def test_processors_in_a_seed_files_columns(tmp_path, rnn):
    """Each acts on its own row alone: the others are as without them."""
    plain = settings_of(tmp_path, rnn, "id,prompt\n" + "".join(f"{n},a\n" for n in range(8)), output="plain")
    generate(plain, silent)
    first = rows_of(plain)[0]["token_ids"]  # greedy
    lines = [
        {},
        {"banned_phrases": [f"id:{first[0]}"]},
        {"stop_tokens": f"id:{first[1]}"},
        {"logit_bias": {f"id:{first[0]}": -100}},
        {"loop_length": 1, "loop_repeats": 2, "logit_bias": '{"x": 100}'},
        {"min_new_tokens": 12, "no_repeat_ngram": 1},
        {"stop_tokens": ["two letters"]},
        {"logit_bias": "a"},
    ]
    content = "\n".join(json.dumps({"id": n, "prompt": "a", **line}) for n, line in enumerate(lines))
    settings = settings_of(tmp_path, rnn, content, "seeds.jsonl", max_reject_share=0.5)
    facts = generate(settings, silent).facts
    assert facts["rejected_bad-knob"] == facts["rejects"] == 2
    rows = rows_of(settings)
    own = set(GENERATIONS.names) - {"seed_id"}
    assert [{n: row[n] for n in own} for row in rows[:3]] == [{n: row[n] for n in own} for row in rows_of(plain)[:3]]
    _, banned, stopped, biased, looped, new = (rows[3 * i : 3 * i + 3] for i in range(6))
    assert not any(first[0] in row["token_ids"] for row in banned + biased)
    assert stopped[0]["token_ids"] == first[: first.index(first[1]) + 1] and stopped[0]["finish_reason"] == "stop"
    assert [(row["text"], row["finish_reason"]) for row in looped] == [("xx", "loop")] * 3
    assert all(len(set(row["token_ids"])) == row["n_tokens"] == 12 for row in new)
    assert "two letters" in rows_of(settings, "rejects")[0]["message"]


def test_every_knob_of_the_draw_may_be_a_column(tmp_path, rnn):
    """A row with a knob of its own becomes what a sampler with that knob makes of it, and nothing else."""
    base = {"xtc_threshold": 0.004}
    knobs = {name: step.example for name, step in STEPS.items()} | {"xtc_probability": 1.0, "best_of": 3}
    assert list(knobs) == [name for name in USED_BY["sample"] if name not in (*USED_BY["greedy"], *OF_CHOOSING)]
    rows = [[row, "to be", *(str(knob) if name == row else "" for name, knob in knobs.items())] for row in knobs]
    content = "\n".join(map(",".join, [["id", "prompt", *knobs], *rows])) + "\n"
    by_column = settings_of(tmp_path, rnn, content, samplers={"base": base}, samples=8)
    samplers = {name: base | {name: knob} for name, knob in knobs.items()} | {"base": base}
    plain = "\n".join(["id,prompt", *(f"{name},to be" for name in knobs)]) + "\n"
    by_sampler = settings_of(tmp_path, rnn, plain, "plain.csv", "plain", samplers=samplers, samples=8)
    assert generate(by_column, silent).facts["rejects"] == generate(by_sampler, silent).facts["rejects"] == 0
    found = texts_of(rows_of(by_column))
    expected = texts_of(rows_of(by_sampler))
    for name in knobs:
        assert found[name, "base"] == expected[name, name] != expected[name, "base"]


def texts_of(rows):
    """All samples by seed and sampler."""
    texts = {}
    for row in rows:
        texts.setdefault((row["seed_id"], row["sampler"]), []).append(row["token_ids"])
    return texts


def test_a_row_may_warm_a_cold_sampler(tmp_path, rnn):
    settings = settings_of(tmp_path, rnn, "prompt,temperature\na,\na,3\n", samplers={"cold": {"temperature": 0}})
    generate(settings, silent)
    cold, first, second = (row["token_ids"] for row in rows_of(settings))
    assert len({tuple(cold), tuple(first), tuple(second)}) == 3


def test_a_knob_that_a_samplers_order_lacks_refuses_its_row(tmp_path, rnn):
    late = {"temperature": 1.5, "min_p": 0.1, "order": ["min_p", "temperature"]}
    content = "prompt,top_k,xtc_probability\na,,\nb,3,\nc,,0.5\n"
    generate(settings := settings_of(tmp_path, rnn, content, samplers={"s": late}, max_reject_share=0.7), silent)
    assert {row["prompt"] for row in rows_of(settings)} == {"a"}
    lacking, idle = (row["message"] for row in rows_of(settings, "rejects"))
    assert "it lacks top_k" in lacking
    assert "set that, too" in idle


def test_prompts_that_are_too_long(tmp_path, transformer):
    content = "id,prompt\nshort,ab\nborder," + "x" * 51 + "\nlong," + "xy" * 40 + "\nempty,\n"
    for policy in ("keep-tail", "reject"):
        settings = settings_of(
            tmp_path, transformer, content, output=policy, too_long=policy, max_reject_share=0.3, samplers={"s": {}}
        )
        generate(settings, silent)
        cut = {row["seed_id"]: row["prompt_cut"] for row in rows_of(settings)}
        if policy == "keep-tail":
            assert cut == {"short": False, "border": False, "long": True, "empty": False}
        else:
            assert cut == {"short": False, "border": False, "empty": False}
            assert rows_of(settings, "rejects")[0]["code"] == "too-long"


def test_too_many_refused_seeds_fail_the_job(tmp_path, rnn):
    with pytest.raises(InputError, match="2 no-id"):
        generate(settings_of(tmp_path, rnn, "id,prompt\n,a\n,b\nc,c\n"), silent)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"max_new_tokens": 64}, SettingsError),
        ({"prompt_column": "text"}, InputError),
        ({"id_column": "x"}, InputError),
    ],
)
def test_what_does_not_fit_is_one_clear_error(tmp_path, transformer, options, error):
    with pytest.raises(error):
        generate(settings_of(tmp_path, transformer, seed_file(3), **options), silent)


def test_a_column_of_ours_is_not_overwritten(tmp_path, rnn):
    with pytest.raises(InputError, match="logprob"):
        generate(settings_of(tmp_path, rnn, "prompt,logprob\na,1\n"), silent)


def test_trying_a_prompt_gives_the_text_of_a_job(tmp_path, rnn):
    settings = settings_of(tmp_path, rnn, "To be\n", "s.txt", samplers={"s": {"top_p": 0.9}}, stop=["e"])
    generate(settings, silent)
    pieces = list(continue_prompt(load_model(rnn), load_tokenizer(rnn), "To be", settings))
    assert "".join(pieces) == rows_of(settings)[0]["text"]
