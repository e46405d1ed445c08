"""Rounds of retraining with stages that do little: the order, the decision, and what a kill leaves."""

from pathlib import Path

import filelock
import pyarrow as pa
import pytest

from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.stage import run_stage
from textgen_core.datasets.store import prune
from textgen_core.errors import DatasetError
from textgen_core.models.config import MODEL_FILES
from textgen_core.models.files import write_model
from textgen_core.models.settings import Architecture
from textgen_core.registry import read_registry, resolve_model, roll_back
from textgen_core.retraining.challenge import challenge_key, verdict
from textgen_core.retraining.rounds import retrain
from textgen_core.retraining.settings import RetrainingSettings
from textgen_core.settings import validated
from textgen_core.stages import STAGES
from textgen_core.tokenization.settings import OpeningPairs
from textgen_core.training.settings import TrainingOptions


@pytest.fixture
def night(tmp_path):
    """Runs one night: the corpus gets a file of that text, the challenger gains so many bits per character."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    seen = []

    def run(text=None, gain=0.1, **options):
        if text:
            (corpus / f"{len(list(corpus.iterdir()))}.txt").write_text(text)
        values = {
            "registry": tmp_path / "nightly",
            "ingestion": {"inputs": [str(corpus)], "unit": "line"},
            "training": {"preset": "tiny"},
        }
        seen.clear()
        return retrain(validated(RetrainingSettings, values | options, "test"), Fakes(seen, gain))

    run.stages = seen
    run.registry = tmp_path / "nightly"
    return run


class Fakes:
    """Stages by name: each writes what the next needs and note their settings."""

    def __init__(self, seen, gain):
        self._seen, self._gain = seen, gain

    def __call__(self, stage, settings):
        self._seen.append((stage, settings))
        key = challenge_key(settings) if stage == "challenge" else STAGES[stage].key(settings)
        return run_stage(key, settings.output, getattr(self, f"_{stage}"))

    def _ingestion(self, partial):
        texts = sorted(path.read_text() for path in Path(self._seen[-1][1].inputs[0]).iterdir())
        with PartWriter(partial / "documents" / "part-00000.parquet", pa.schema([("text", pa.string())])) as part:
            part.write([{"text": text} for text in texts])
        return {"documents": len(texts)}

    def _tokenization(self, partial):
        for name in ("sequences", "tokenizer.json"):
            (partial / name).write_text(STAGES["tokenization"].key(self._seen[-1][1]).digest)
        return {}

    def _training(self, partial):
        settings = self._seen[-1][1]
        for name in MODEL_FILES:
            (partial / name).write_text(f"{STAGES['training'].key(settings).digest}")
        return {}

    def _challenge(self, partial):
        return {"gain": self._gain, "champion_bits_per_char": 2.0}


def names(night):
    return [stage for stage, _ in night.stages]


def test_the_first_model_is_champion_without_a_challenge(night):
    assert night("one").action == "promoted"
    assert names(night) == ["ingestion", "tokenization", "training"]


def test_a_better_one_is_promoted_from_the_champions_weights_and_tokenizer(night):
    first = night("one").champion
    second = night("two", gain=0.1)
    assert second.action == "promoted"
    settings = dict(night.stages)
    assert str(settings["training"].warm_start) == first == str(settings["tokenization"].reuse)
    assert (str(settings["challenge"].champion), str(settings["challenge"].challenger)) == (first, second.champion)
    assert resolve_model("previous", night.registry) == Path(first)


@pytest.mark.parametrize(("gain", "action"), [(0.005, "promoted"), (0.0049, "kept champion"), (-1.0, "kept champion")])
def test_the_margin_decides(night, gain, action):
    first = night("one").champion
    outcome = night("two", gain=gain)
    assert outcome.action == action
    assert (outcome.champion == first) == (action == "kept champion")


def test_a_night_without_news_does_nothing(night):
    night("one")
    assert night().action == "nothing new"
    assert names(night) == []


def test_a_refused_model_is_not_trained_again(night):
    night("one")
    night("two", gain=0)
    assert night(gain=1).action == "nothing new"


def test_a_model_that_was_rolled_back_stays_so_until_something_is_new(night):
    first = night("one").champion
    night("two")
    roll_back(night.registry)
    assert (night().action, night().champion) == ("nothing new", first)


@pytest.mark.parametrize(
    "change",
    [
        {"training": {"preset": "tiny", "model": {"family": "transformer"}}},
        {"tokenization": {"tokenizer": {"kind": "char"}}},
    ],
)
def test_another_architecture_or_tokenizer_starts_from_scratch(night, change):
    night("one")
    night("two", **change)
    settings = dict(night.stages)
    assert settings["training"].warm_start is None
    assert settings["tokenization"].reuse is None


def test_models_of_pairs_are_compared_on_pairs(night):
    pairs = {"tokenization": {"pairs": {"kind": "opening", "words": 3}}}
    night("one", **pairs)
    assert night("two", **pairs).action == "promoted"
    assert dict(night.stages)["challenge"].pairs == OpeningPairs(words=3)


def test_models_are_compared_on_the_device_that_trains(night):
    night("one")
    night("two", training={"preset": "tiny", "device": "cpu"})
    assert dict(night.stages)["challenge"].device == "cpu"


def test_only_the_newest_models_and_those_in_office_stay(night):
    for number, gain in enumerate([1, 1, 0, 0, 0, 0]):
        night(f"text {number}", gain=gain, keep=2)
    store = night.registry / ".store"
    assert {path.name for path in night.registry.glob("v*")} == {"v1", "v2", "v5", "v6"}, "v2 is champion, v1 was"
    assert len(list(store.glob("training-*/"))) == 4
    assert [len(list(store.glob(f"{stage}-*/"))) for stage in ("ingestion", "tokenization", "challenge")] == [1, 1, 1]
    assert [version.number for version in read_registry(night.registry).versions] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(DatasetError, match=r"training-\w+"):
        resolve_model("v3", night.registry)
    assert resolve_model("previous", night.registry).is_dir()


def test_pruning_a_registry_leaves_what_it_keeps(night):
    night("one")
    night("two")
    assert prune(night.registry) == []


def test_a_round_at_work_keeps_old_models_from_being_removed(night, caplog):
    night("one", keep=2)
    with filelock.FileLock(night.registry / ".store" / ".training-0.lock"):
        night("two", keep=2)
    assert "Old versions stay for now" in caplog.text
    assert resolve_model("v1", night.registry).is_dir()


def test_scratch_is_scratch(night):
    night("one", start="scratch")
    night("two", start="scratch")
    assert dict(night.stages)["training"].warm_start is None


def test_where_there_is_no_champion_a_training_goes_on_from_the_model_it_names(night, tmp_path):
    known = TrainingOptions(preset="tiny").model
    directory = tmp_path / "known"
    key = RunKey(stage="training", code_version=1, schema_version=1, settings={}, inputs={}, numerics={})

    def body(partial):
        write_model(Architecture(vocab_size=5, model=known), {}, partial)
        (partial / "tokenizer.json").touch()
        return {}

    run_stage(key, directory, body)
    for start in ("warm", "scratch"):
        night(start, start=start, training={"preset": "tiny", "warm_start": str(directory)})
        settings = dict(night.stages)
        assert settings["training"].warm_start == settings["tokenization"].reuse == directory


@pytest.mark.parametrize("dies", ["tokenization", "training", "challenge"])
def test_a_round_that_died_is_taken_up_where_it_stopped(night, monkeypatch, dies):
    night("one")

    def die(self, partial):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Fakes, f"_{dies}", die)
        with pytest.raises(KeyboardInterrupt):
            night("two")
    assert len(read_registry(night.registry).versions) == 1
    assert night().action == "promoted"
    assert names(night)[0] == dies


def test_the_verdict_weighs_documents_by_their_length():
    facts = verdict([10, 30], [20.0, 60.0], [20.0, 30.0])
    assert (facts["champion_bits_per_char"], facts["challenger_bits_per_char"]) == (2.0, 1.25)
    assert facts["gain"] == 0.75
    assert facts["gain_low"] <= 0.75 <= facts["gain_high"]


def test_equal_models_gain_nothing():
    facts = verdict([5, 7, 9], [9.0, 11.0, 17.0], [9.0, 11.0, 17.0])
    assert facts["gain"] == facts["gain_low"] == facts["gain_high"] == 0


def test_a_single_document_has_no_interval():
    facts = verdict([100], [200.0], [150.0])
    assert facts["gain"] == 0.5
    assert not {"gain_low", "gain_high"} & set(facts)
