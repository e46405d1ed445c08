"""An n-gram model comes out of the training stage as any other does, but counted: nothing to set, nothing to resume."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from flows.cli import exits
from tests.models.ngrams import textbook
from tests.training.corpora import LETTERS, babble, ids, tiny
from textgen_core.datasets.verify import verify
from textgen_core.evaluation.reading import ModelReader
from textgen_core.evaluation.scoring import score_sequences
from textgen_core.models.directory import load_model
from textgen_core.models.families import count_parameters
from textgen_core.progress import silent
from textgen_core.registry import Version
from textgen_core.retraining.rounds import warm_start
from textgen_core.retraining.settings import RetrainingSettings
from textgen_core.tokenization.interface import END, SPECIALS
from textgen_core.training.settings import OF_GRADIENTS, TrainingOptions, TrainingSettings
from textgen_core.training.stage import train

VOCAB = SPECIALS + 1 + len(LETTERS)
HELD_OUT = [ids(text) for text in babble(5, 200, seed=1)]


@pytest.fixture(scope="module")
def counted(tokens, tmp_path_factory):
    settings = tiny(tokens, tmp_path_factory.mktemp("ngram") / "model", "ngram", samples=2)
    updates = []
    return settings, train(settings, updates.append), updates


def test_it_makes_a_whole_model_directory(counted):
    settings, manifest, updates = counted
    assert verify(settings.output) == []
    assert {path.name for path in settings.output.iterdir()} == {
        *("README.md", "config.json", "fingerprint.json", "history", "manifest.json"),
        *("model.safetensors", "tensorboard", "tokenizer.json"),
    }
    facts = manifest.facts
    assert facts["family"] == "ngram" and facts["tokens_seen"] == 30 * 201 and facts["steps"] == 1
    assert count_parameters(load_model(settings.output)) == facts["parameters"]
    assert 0.4 < facts["validation_loss"] < 1 and 0.4 < facts["train_loss"] < 1  # a letter by chance: 2.4
    assert [update.done for update in updates if update.phase == "counting"] == [0, 1, 2, 3]
    assert updates[-1].done == updates[-1].total


def test_its_history_is_one_point_and_its_card_says_what_it_is(counted):
    settings, manifest, _ = counted
    rows = pq.read_table(settings.output / "history").to_pylist()
    assert [(row["step"], row["split"]) for row in rows] == [(1, "train"), (1, "validation")]
    assert round(rows[1]["loss"], 4) == manifest.facts["validation_loss"]
    card = (settings.output / "README.md").read_text()
    assert card.startswith("# 3-gram, Kneser-Ney") and card.count("\n▸") == 2
    assert "It sees the last 2 tokens." in card
    assert "Steps" not in card and "--warm-start" not in card


def test_it_is_the_judge_that_the_book_describes(counted, tokens):
    settings, _, _ = counted
    book = textbook([ids(text) for text in babble(30, 200)], 3, VOCAB)
    found = score_sequences(ModelReader(load_model(settings.output)), HELD_OUT)
    for document, score in zip(HELD_OUT, found, strict=True):
        text = [END, *document, END]
        nats = [np.log(book(text[:place])[text[place]]) for place in range(1, len(text))]
        assert score.n_tokens == len(nats) and score.logprob == pytest.approx(sum(nats), rel=1e-5)


def test_counting_again_gives_the_same_bytes(counted, tokens, tmp_path):
    settings, _, _ = counted
    interrupted = settings.model_copy(update={"output": tmp_path / "again", "samples": 0})

    def interrupt(update):
        if update.phase == "counting" and update.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(interrupted, interrupt)
    train(interrupted, silent)
    first, second = ((path / "model.safetensors").read_bytes() for path in (settings.output, interrupted.output))
    assert first == second


ABSURD = {
    "optimizer": "muon",
    "precision": "bfloat16",
    "warm_start": "model",
    "patience": None,
    "final_rate": 1.0,
    "beta2": 0.5,
}


@pytest.mark.parametrize("name", OF_GRADIENTS)
def test_what_only_gradients_need_is_refused(name):
    values = {"model": {"family": "ngram"}, "tokens": "t", "output": "o", name: ABSURD.get(name, 4)}
    if name in ("accumulate", "replicas"):
        values["batch_size"] = 8
    with pytest.raises(ValidationError, match=f"{name} means nothing to an n-gram model"):
        TrainingSettings.model_validate(values)
    if name != "warm_start":  # that one would have to exist
        TrainingSettings.model_validate(values | {"model": {"family": "rnn"}})


def test_it_is_refused_by_command_in_one_line(tokens, tmp_path, capsys):
    options = ["--family", "ngram", "--learning-rate", "0.1", "--json"]
    assert exits.run(["train", str(tokens), "--output", str(tmp_path / "b"), *options]) == exits.USAGE
    error = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    assert "learning_rate means nothing to an n-gram model" in str(error)


def test_settings_go_through_json(tokens):
    options = TrainingOptions.model_validate({"preset": "tiny", "model": {"family": "ngram", "order": 4}})
    assert TrainingOptions.model_validate_json(options.model_dump_json()) == options
    assert options.model.order == 4


def test_retraining_counts_from_scratch(tmp_path):
    settings = RetrainingSettings(
        registry=tmp_path, ingestion={"inputs": ("a",)}, training={"model": {"family": "ngram"}}
    )
    assert settings.start == "warm" and warm_start(settings, Version.model_construct(recipe={}), {}) is None
