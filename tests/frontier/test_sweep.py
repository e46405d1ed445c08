"""A sweep of a really trained tiny model: what it leaves, that it goes on, and what it says."""

import json
import re
from functools import partial
from types import SimpleNamespace

import pandas as pd
import pytest

from flows.cli import exits
from textgen_core.datasets.verify import verify
from textgen_core.errors import SettingsError
from textgen_core.frontier import reference
from textgen_core.frontier.settings import FrontierSettings
from textgen_core.frontier.steps import plan, sweep
from textgen_core.progress import silent
from textgen_core.seeding.settings import SeedingSettings
from textgen_core.seeding.stage import seed
from textgen_core.settings import validated

SWEEPS = {"temperature": (0.0, 1.0), "top_k": (2,)}


@pytest.fixture(scope="module")
def told(finished_run, tmp_path_factory):
    """The settings of a sweep, as values."""
    folder, out = tmp_path_factory.mktemp("sweep"), finished_run[0] / "out"
    seed(
        SeedingSettings(corpus=out / "documents" / "..", output=folder / "seeds", count=25, words=2, how="spans"),
        silent,
    )
    tiny = out / "tiny"
    return {
        "model": (tiny / "model").resolve(),
        "seeds": folder / "seeds" / "seeds.parquet",
        "tokens": (tiny / "sequences").resolve().parent,
        "corpus": (out / "documents").resolve().parent,
        "output": folder / "swept",
        "sweeps": SWEEPS,
        "max_new_tokens": 24,
    }


def settings_of(told, **change):
    return validated(FrontierSettings, told | change, "test")


class Runs:
    """Does stages, notes them, and is killed before one of them."""

    def __init__(self, killed_before=None):
        self.done, self.killed_before = [], killed_before

    def __call__(self, stage, name, settings):
        from textgen_core.frontier.reference import refer
        from textgen_core.frontier.summary import summarize
        from textgen_core.stages import STAGES

        if (name, stage) == self.killed_before:
            raise KeyboardInterrupt
        self.done.append((name, stage))
        own = {"reference": refer, "summary": summarize}
        return (own[stage] if stage in own else STAGES[stage].run)(settings, silent)


@pytest.fixture(scope="module")
def swept(told):
    """A sweep that was killed once and went on: its settings, and what ran before and after."""
    settings = settings_of(told)
    first, second = Runs(killed_before=("top_k", "evaluation")), Runs()
    with pytest.raises(KeyboardInterrupt):
        sweep(settings, first)
    states = {planned.name: planned.next for planned in plan(settings)}
    assert states == {"human": None, "temperature": None, "top_k": "evaluation"}
    sweep(settings, second)
    return settings, first.done, second.done


@pytest.fixture
def rows(swept):
    return pd.read_parquet(swept[0].output / "frontier").set_index("sampler")


def test_a_killed_sweep_goes_on_where_it_was(swept):
    settings, before, after = swept
    assert len(before) == 5 and after == [("top_k", "evaluation"), ("frontier", "summary")]
    again = Runs()
    sweep(settings, again)
    assert not again.done


def test_another_value_sweeps_its_knob_alone(swept, told):
    states = {each.name: each.next for each in plan(settings_of(told, sweeps={**SWEEPS, "top_k": (2, 3)}))}
    assert states == {"human": None, "temperature": None, "top_k": "generation"}


def test_a_model_of_pairs_is_refused_before_anything_is_begun(told, tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "read_config", lambda home: SimpleNamespace(pairs=True))
    settings, runs = settings_of(told, output=tmp_path / "swept"), Runs()
    for asked in (plan, partial(sweep, run=runs)):
        with pytest.raises(SettingsError, match=r"a model of pairs.*compare their metrics"):
            asked(settings)
    assert not runs.done


def test_there_is_a_row_a_setting_and_one_for_people(swept, rows):
    assert list(rows.index) == ["human", "temperature=0", "temperature=1", "top_k=2"]
    assert rows["value"].isna().tolist() == [True, False, False, False]
    seeds = len(pd.read_parquet(swept[0].seeds))
    assert (rows["texts"].iloc[1:] == seeds).all() and 5 < rows["texts"]["human"] <= seeds
    assert rows["recommended"].sum() == 1 and not rows.loc["human", ["recommended", "alike", "on_frontier"]].any()
    assert (rows["quality_low"] < rows["quality"]).all() and (rows["quality"] < rows["quality_high"]).all()
    assert rows["tokens_per_second"].isna().tolist() == [True, False, False, False]


def test_greedy_is_what_the_model_expects_and_says_the_same_to_all(rows):
    assert rows["quality"].idxmax() == "temperature=0"
    assert rows["diversity"][["human", "temperature=1"]].notna().all()
    assert not rows["diversity"]["temperature=0"] >= rows["diversity"]["temperature=1"]  # null where it ends at once


def test_human_text_is_read_as_generations_are(swept, finished_run):
    """The model's log-probability of it, against that of the whole text less that of the prompt."""
    from flows.cli.model import loaded
    from textgen_core.evaluation.reading import ModelReader
    from textgen_core.evaluation.scoring import token_logprobs

    human = pd.read_parquet(swept[0].output / "human" / "generations")
    ended = (human["finish_reason"] == "end").to_numpy()
    assert 0 < ended.sum() < len(human)
    assert (human["n_tokens"][ended] < 24).all() and (human["n_tokens"][~ended] == 24).all()
    documents = pd.read_parquet(finished_run[0] / "out" / "documents")["text"]
    assert all(any(row.prompt + row.text in text for text in documents) for row in human.itertuples())
    with loaded(str(swept[0].model), None, "cpu") as hand:
        encode, reader = hand.tokenizer.encode, ModelReader(hand.model)
        assert [list(found) for found in human["token_ids"]] == encode(human["text"].tolist())
        whole = token_logprobs(reader, encode((human["prompt"] + human["text"]).tolist()))
        prompts = token_logprobs(reader, encode(human["prompt"].tolist()))
    own = [both.sum() - alone[:-1].sum() for both, alone in zip(whole, prompts, strict=True)]
    ends = [0.0 if end else both[-1] for end, both in zip(ended, whole, strict=True)]
    assert human["logprob"].tolist() == pytest.approx([a - b for a, b in zip(own, ends, strict=True)], abs=1e-3)
    assert min(abs(both[-1]) for both in whole) > 0.01, "so that an end counted wrongly would be seen"


def test_the_page_stands_alone_and_says_what_the_manifest_says(swept):
    page = (swept[0].output / "frontier.html").read_text()
    assert "<script" not in page and "http" not in re.sub(r"<meta[^>]*>", "", page)
    assert page.count("<polyline") == 2 and 'class="human"' in page and page.count('class="ring') == 1
    assert "comes nearest to human text" in page


def test_everything_verifies_and_has_a_name(swept):
    output = swept[0].output
    stages = [path for path in (output / ".store").iterdir() if path.is_dir()]
    assert len(stages) == 7 and not any(map(verify, stages))
    for name in ("human", "temperature", "top_k"):
        assert all(list((output / name / kind).glob("*.parquet")) for kind in ("generations", "scores", "metrics"))


def test_the_command_finds_what_lies_beside_the_model(swept, told, finished_run, capsys):
    model = finished_run[0] / "out" / "tiny" / "model"
    words = ["frontier", model, told["seeds"], "--output", told["output"], "--max-new-tokens", 24]
    words += ["--sweep", "temperature=0:1,top_k=2"]
    assert exits.run([*map(str, words), "--dry-run", "--json"]) == 0
    assert {row["next"] for row in json.loads(capsys.readouterr().out)} == {None}
    assert exits.run([*map(str, words), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["recommended"] in found["reason"] and len(found["rows"]) == 4
    assert exits.run([*map(str, words)]) == 0
    shown = capsys.readouterr().out
    assert "recommended" in shown and "frontier.html" in shown


def test_an_impossible_value_is_one_line(told, capsys):
    words = ["frontier", told["model"], told["seeds"], "-o", told["output"], "--sweep", "top_p=3"]
    assert exits.run(list(map(str, words))) == 2
    said = capsys.readouterr().err
    assert "top_p=3" in said and len(said.splitlines()) == 1


def test_few_prompts_are_warned_of(told, tmp_path, caplog):
    with pytest.raises(KeyboardInterrupt):
        sweep(settings_of(told, output=tmp_path / "swept"), Runs(killed_before=("human", "evaluation")))
    assert "hardly tell settings apart" in caplog.text
