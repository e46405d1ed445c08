"""The stage as a whole, on a model that was really trained."""

import math
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.evaluation.conftest import SEEDS
from textgen_core.datasets.manifest import read_manifest, working_directory
from textgen_core.datasets.parts import parts_of
from textgen_core.datasets.verify import verify
from textgen_core.errors import InputError
from textgen_core.evaluation.metrics import METRICS
from textgen_core.evaluation.settings import BootstrapSettings
from textgen_core.evaluation.stage import evaluate, evaluation_key
from textgen_core.models.directory import load_model
from textgen_core.progress import silent
from textgen_core.tokenization.interface import END
from textgen_core.tokenization.tokenizers import load_tokenizer

ROWS = SEEDS * 3  # greedy once, top-p twice


@pytest.fixture(scope="module")
def evaluated(settings_for, tmp_path_factory):
    settings = settings_for(tmp_path_factory.mktemp("evaluated") / "out", group_by=("stars",))
    updates = []
    manifest = evaluate(settings, updates.append)
    return settings, manifest, updates


def metrics_of(settings):
    rows = pq.read_table(settings.output / "metrics").to_pylist()
    return {(tuple(row["group"]), row["metric"]): row for row in rows}


def test_every_phase_is_seen_from_its_start_to_its_end(evaluated):
    _, manifest, updates = evaluated
    phases = {}
    for update in updates:
        phases.setdefault((update.phase, update.unit), []).append(update)
    assert list(phases) == [
        ("held out", "documents"),
        ("scoring", "tokens"),
        ("reading", "documents"),
        ("index", "characters"),
        ("evaluation", "samples"),
        ("n-grams", "samples"),
        ("metrics", "groups"),
    ]
    for phase in phases.values():
        counts = [update.done for update in phase]
        assert counts[0] == 0 and counts == sorted(counts)
        assert phase[-1].done == phase[-1].total == phase[0].total
    assert manifest.facts["indexed_characters"] == manifest.facts["training_characters"] > 0


def test_it_is_whole(evaluated, trained):
    settings, manifest, _ = evaluated
    assert verify(settings.output) == []
    assert manifest.facts["rows"] == ROWS
    scores, generations = (pq.read_table(folder).to_pandas() for folder in (
        settings.output / "scores", trained / "generations" / "generations"
    ))  # fmt: skip
    keys = ["seed_id", "sampler", "sample_index"]
    assert scores[keys].equals(generations[keys])
    assert (scores.chars == generations.text.str.len()).all()
    expected = generations.logprob / (generations.n_tokens + (generations.finish_reason == "end"))
    np.testing.assert_allclose(scores.mean_logprob, expected)


def test_a_second_run_does_nothing(evaluated):
    settings, manifest, _ = evaluated
    before = {path: path.stat().st_mtime_ns for path in settings.output.rglob("*")}
    assert evaluate(settings, silent) == manifest
    assert {path: path.stat().st_mtime_ns for path in settings.output.rglob("*")} == before


def test_another_run_has_the_same_bytes(evaluated, tmp_path):
    settings, manifest, _ = evaluated
    assert evaluate(settings.model_copy(update={"output": tmp_path / "again"}), silent).digest() == manifest.digest()


def test_every_option_is_in_the_key(evaluated):
    settings, _, _ = evaluated
    changes = {
        "group_by": (),
        "bootstrap": BootstrapSettings(samples=50, seed=1),
        "held_out": "test",
        "held_out_tokens": 10,
        "copied_span": False,
        "copied_span_characters": 10,
    }
    keys = {evaluation_key(settings.model_copy(update={name: value})).digest for name, value in changes.items()}
    assert len(keys | {evaluation_key(settings).digest}) == len(changes) + 1


def test_the_model_itself_need_not_be_measured(evaluated, tmp_path):
    settings, manifest, _ = evaluated
    bare = settings.model_copy(update={"held_out_tokens": 0, "output": tmp_path / "bare"})
    facts = evaluate(bare, silent).facts
    assert set(manifest.facts) - set(facts) == {"perplexity", "perplexity_word", "bits_per_char"}
    assert metrics_of(bare) == {key: row for key, row in metrics_of(settings).items() if key[0]}


def test_groups_are_samplers_and_the_values_within(evaluated, trained):
    settings, _, _ = evaluated
    found = metrics_of(settings)
    generations = pq.read_table(trained / "generations" / "generations").to_pandas()
    generations["chars"] = generations.text.str.len()
    assert all(
        (group == ()) == (metric in ("perplexity", "perplexity_word", "bits_per_char")) for group, metric in found
    )
    groups = {group for group, _ in found} - {()}
    samplers = {(("sampler", name),) for name in ("greedy", "top-p")}
    within = {(*group, ("stars", value)) for group in samplers for value in ("0", "1", "2", "null")}
    assert groups == samplers | within
    for group in groups:
        wanted = dict(group)
        rows = generations[generations.sampler == wanted["sampler"]]
        if "stars" in wanted:
            rows = rows[rows.stars.isna() if wanted["stars"] == "null" else rows.stars == float(wanted["stars"])]
        row = found[group, "chars"]
        assert row["n"] == len(rows) > 0
        assert row["value"] == pytest.approx(rows.chars.mean())
        if rows.seed_id.nunique() > 1:
            assert row["low"] <= row["value"] <= row["high"]
        else:
            assert row["low"] is row["high"] is None


def test_every_value_has_a_signature_with_all_that_made_it(evaluated):
    settings, _, _ = evaluated
    for (_, metric), row in metrics_of(settings).items():
        assert row["signature"].startswith(f"{metric}|")
        assert "version:" in row["signature"] and "interval:" in row["signature"] and "textgen:" in row["signature"]
        if metric in METRICS:
            assert METRICS[metric].signature in row["signature"]


def test_bits_per_character_are_those_of_the_model_step_by_step(evaluated, trained):
    """A plain loop, a token of every held-out document a step, with the model's own arithmetic."""
    facts = evaluated[1].facts
    model, tokenizer = load_model(trained / "model"), load_tokenizer(trained / "model")
    documents = pq.read_table(trained / "corpus" / "documents").to_pandas()
    held_out = documents[documents.split == "validation"]
    streams = [[END, *ids, END] for ids in tokenizer.encode(list(held_out.text))]
    state, nats = model.init_state(len(streams), 0), 0.0
    for place in range(max(map(len, streams)) - 1):
        before = np.array([stream[place] if place < len(stream) else END for stream in streams], np.int32)
        logits, state = model.step(before, state)
        logits = np.asarray(logits, np.float64)
        normal = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        nats -= sum(normal[row, stream[place + 1]] for row, stream in enumerate(streams) if place + 1 < len(stream))
    bits = nats / math.log(2) + sum(tokenizer.spelling_bits(list(held_out.text)))
    tokens = sum(len(stream) - 1 for stream in streams)
    assert facts["perplexity"] == pytest.approx(math.exp(nats / tokens), rel=1e-5)
    assert facts["bits_per_char"] == pytest.approx(bits / held_out.text.str.len().sum(), rel=1e-5)
    assert facts["perplexity_word"] == pytest.approx(2 ** (bits / held_out.n_words.sum()), rel=1e-5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"group_by": ("colour",)}, ("colour", "stars")),
        ({"group_by": ("token_ids",)}, ("token_ids", "plain values")),
        ({"held_out": "test"}, ("test split", "held_out")),
    ],
)
def test_what_does_not_fit_is_one_clear_error_before_any_score(settings_for, tmp_path, options, words):
    with pytest.raises(InputError) as raised:
        evaluate(settings_for(tmp_path / "out", **options), silent)
    assert all(word in str(raised.value) for word in words)
    assert not list(tmp_path.rglob("*.parquet"))


def test_the_sampler_as_an_attribute_adds_no_group(settings_for, tmp_path):
    settings = settings_for(tmp_path / "out", group_by=("sampler",))
    evaluate(settings, silent)
    rows = pq.read_table(settings.output / "metrics").to_pylist()
    assert len(rows) == len(metrics_of(settings))


def test_an_interrupted_run_goes_on_and_ends_with_the_same_bytes(evaluated, tmp_path):
    settings, manifest, _ = evaluated
    broken = settings.model_copy(update={"output": tmp_path / "out"})
    scores = working_directory(broken.output) / "scores"

    def interrupt(update):
        if len(list(scores.glob("*.parquet"))) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(broken, interrupt)
    kept = {path.name: path.stat().st_mtime_ns for path in parts_of(scores)}
    assert len(kept) == 2 and not broken.output.exists()
    assert evaluate(broken, silent).digest() == manifest.digest()
    assert {path.name: path.stat().st_mtime_ns for path in parts_of(broken.output / "scores")}.items() >= kept.items()


PROGRAM = """
import sys
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.evaluation.stage import evaluate
from textgen_core.progress import silent
evaluate(EvaluationSettings.model_validate_json(sys.argv[1]), silent)
"""


@pytest.mark.slow
def test_a_killed_run_ends_with_the_same_bytes(evaluated, tmp_path):
    settings, manifest, _ = evaluated
    settings = settings.model_copy(update={"output": tmp_path / "killed"})
    command = [sys.executable, "-c", PROGRAM, settings.model_dump_json()]
    whole = time.monotonic()
    subprocess.run([*command[:-1], settings.model_copy(update={"output": tmp_path / "whole"}).model_dump_json()])
    whole = time.monotonic() - whole
    for share in (0.2, 0.5, 0.7, 0.9):
        process = subprocess.Popen(command)
        time.sleep(share * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True)
    assert read_manifest(settings.output).digest() == manifest.digest()
