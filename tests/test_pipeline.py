"""The whole pipeline on a small text: it runs, then has nothing to do, and a change re-runs only what depends on it."""

import pandas as pd

from tests.small import VERSES, config
from textgen_core.config import Config
from textgen_core.datasets.verify import verify
from textgen_core.pipeline import plan, run_pipeline, steps


def states(config: Config) -> dict[str, str]:
    return {planned.name: planned.state for planned in plan(config)}


def test_every_step_ran_once_in_order_and_every_directory_verifies(finished_run):
    folder, started, manifests = finished_run
    assert started == [step.name for step in steps(config(folder))] == list(manifests)
    for step in plan(config(folder)):
        assert verify(step.output) == []


def test_the_products_are_where_the_user_expects_them(finished_run):
    folder, _, _ = finished_run
    out = folder / "out"
    assert len(pd.read_parquet(out / "tiny" / "generations")) == 10
    assert {"documents", "rejects", "seeds.parquet", "tiny", "report.html"} <= {path.name for path in out.iterdir()}
    names = {path.name for path in (out / "tiny").iterdir()}
    assert names == {"sequences", "tokenizer.json", "model", "generations", "rejects", "scores", "metrics"}


def test_a_second_run_does_nothing(finished_run):
    folder, _, manifests = finished_run

    def must_not(step, settings):
        raise AssertionError(step.name)

    assert run_pipeline(config(folder), must_not) == manifests
    assert set(states(config(folder)).values()) == {"finished"}


def test_another_sampler_runs_only_generation_and_what_follows(finished_run):
    folder, _, _ = finished_run
    changed = states(config(folder, generation={"max_new_tokens": 9}))
    assert {name for name, state in changed.items() if state != "finished"} == {
        "tiny/generation",
        "tiny/evaluation",
        "reporting",
    }


def test_a_changed_corpus_runs_everything(finished_run, tmp_path):
    folder, _, _ = finished_run
    later = config(folder)
    (folder / "verses.txt").write_text(VERSES + "\n\nand no more")
    try:
        assert states(later)["ingestion"] == "run"
        assert {state for name, state in states(later).items() if name != "ingestion"} == {"waits"}
    finally:
        (folder / "verses.txt").write_text(VERSES)


def test_the_output_directory_can_be_moved_as_a_whole(finished_run, tmp_path):
    folder, _, _ = finished_run
    moved = tmp_path / "elsewhere"
    (folder / "out").rename(moved)
    try:
        assert len(pd.read_parquet(moved / "tiny" / "generations")) == 10
    finally:
        moved.rename(folder / "out")


def test_a_model_has_its_own_length_and_the_others_generations(tmp_path):
    models = {"chars": {"max_new_tokens": 70}, "words": {"tokenization": {"tokenizer": {"kind": "word"}}}}
    whole = config(tmp_path, models=models)
    anywhere = {step.name: tmp_path for step in steps(whole)}
    made = {step.name: step.settings(tmp_path, anywhere) for step in steps(whole) if step.stage == "generation"}
    assert {name: settings.max_new_tokens for name, settings in made.items()} == {
        "chars/generation": 70,
        "words/generation": 20,
    }
