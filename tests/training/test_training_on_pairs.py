"""Encoder-decoders and other families learn from pairs; what is said of held-out targets is what evaluation finds."""

import json
from functools import cache

import numpy as np
import pytest

from tests.tokenization.documents import write_documents
from tests.training.corpora import LETTERS, babble, paired, tiny
from textgen_core.datasets.parts import read_table
from textgen_core.errors import SettingsError
from textgen_core.evaluation.held_out_pairs import of_targets, parted, target_logprobs
from textgen_core.evaluation.reading import ModelReader
from textgen_core.models.directory import load_model
from textgen_core.progress import silent
from textgen_core.retraining.challenge import challenge
from textgen_core.retraining.settings import ChallengeSettings
from textgen_core.tokenization.interface import END, PAD
from textgen_core.tokenization.settings import CharSettings, OpeningPairs, TokenizationSettings
from textgen_core.tokenization.stage import tokenize
from textgen_core.tokenization.tokenizers import load_tokenizer
from textgen_core.training.learner import Learner
from textgen_core.training.samples import prompts_of
from textgen_core.training.stage import train
from textgen_core.training.trainer import Data

HELD_OUT = 8
"""Documents, each with a source of its own."""


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    train = [LETTERS[n % HELD_OUT] + text for n, text in enumerate(babble(40, 24))]
    return paired(folder / "tokens", train, [LETTERS[n] + text for n, text in enumerate(babble(HELD_OUT, 24, seed=1))])


@pytest.fixture(scope="module")
def learned(tokens, tmp_path_factory):
    @cache
    def finished(family):
        settings = tiny(tokens, tmp_path_factory.mktemp(family) / "model", family, window=32)
        return settings, train(settings, silent).facts

    return finished


FAMILIES = ["seq2seq-transformer", "transformer", "ngram"]


def held_out_of(tokens):
    tokenizer = load_tokenizer(tokens)
    rows = [row for row in read_table(tokens / "sequences").to_pylist() if row["split"] == "validation"]
    return [of_targets(row["token_ids"], [], tokenizer) for row in rows]


@pytest.mark.parametrize("family", [*FAMILIES, pytest.param("rnn", marks=pytest.mark.slow)])
def test_the_validation_loss_is_what_evaluation_finds_of_held_out_targets(tokens, learned, family):
    settings, facts = learned(family)
    model = load_model(settings.output)
    assert model.pairs
    documents = held_out_of(tokens)
    found = np.concatenate(target_logprobs(ModelReader(model), documents))
    assert len(found) == sum(len(document.token_ids) + 1 for document in documents)
    assert facts["validation_loss"] == pytest.approx(-found.mean(), abs=2e-4)
    chars = sum(len(pair.target) for document in documents for pair in document.pairs)
    assert facts["bits_per_char"] == pytest.approx(-found.sum() / np.log(2) / chars, abs=1e-3)


def test_champion_and_challenger_are_judged_by_what_they_say_of_held_out_targets(tokens, learned, tmp_path):
    champion, challenger = learned("seq2seq-transformer"), learned("ngram")
    models = {"champion": champion[0].output, "challenger": challenger[0].output, "corpus": tokens.parent / "corpus"}
    settings = ChallengeSettings(**models, output=tmp_path / "judged", pairs=OpeningPairs(words=1))
    found = challenge(settings, silent).facts
    for name, (_, facts) in {"champion": champion, "challenger": challenger}.items():
        assert found[f"{name}_bits_per_char"] == pytest.approx(facts["bits_per_char"], abs=1e-3)
    assert found["documents"] == HELD_OUT
    with pytest.raises(SettingsError, match="registries of their own"):
        challenge(ChallengeSettings(**models, output=tmp_path / "whole"), silent)


def test_an_encoder_decoder_learns_from_targets(learned):
    settings, facts = learned("seq2seq-transformer")
    losses = read_table(settings.output / "history").to_pandas().query("split == 'train'").loss
    assert losses.iloc[-5:].mean() < 0.8 * losses.iloc[:5].mean()
    assert facts["pairs_cut"] == 0
    card = (settings.output / "README.md").read_text()
    assert "learned from 40 pairs, made by opening" in card and "textgen score" not in card


def test_it_leaves_the_attention_that_it_pays_to_held_out_pairs(tokens, learned):
    settings, _ = learned("seq2seq-transformer")
    decode = load_tokenizer(tokens).decode
    sources = {decode(pair.source) for document in held_out_of(tokens) for pair in document.pairs}
    for pair in json.loads((settings.output / "attention.json").read_bytes()):
        weights = np.array(pair["weights"])
        assert weights.shape == (len(pair["target"]), len(pair["source"]))
        np.testing.assert_allclose(weights.sum(axis=1), 1, atol=0.01)
        assert pair["source"][0] == pair["target"][-1] == "" and "".join(pair["source"]) in sources


def test_a_card_shows_what_follows_from_held_out_sources(tokens):
    streams = {
        split: np.array(
            [
                id
                for row in read_table(tokens / "sequences").to_pylist()
                if row["split"] == split
                for id in (*row["token_ids"], END)
            ]
        )
        for split in ("train", "validation")
    }
    data = Data(streams["train"], streams["validation"], 0, {}, pairs=True)
    prompts = prompts_of(data, 3, 64)
    sources = [(END, *pair.source, PAD) for document in held_out_of(tokens) for pair in document.pairs]
    assert len(set(prompts)) == 3 and set(prompts) <= set(sources)
    assert set(prompts_of(data, 3, None)) <= set(sources)
    assert all(len(prompt) <= 5 for prompt in prompts_of(data, 3, 8))
    assert prompts_of(Data(streams["train"], streams["validation"], 0, {}), 2, 8) == [(END,), (END,)]


def test_what_parts_a_pair_is_never_predicted(tokens, learned):
    settings, _ = learned("ngram")
    ids = [id for row in read_table(tokens / "sequences").to_pylist() for id in (*row["token_ids"], END)]
    logits = np.asarray(load_model(settings.output)(np.array([ids], np.int32)))
    assert np.isneginf(logits[..., PAD]).all()
    np.testing.assert_allclose(np.exp(logits).sum(-1), 1, atol=1e-4)


def test_its_steps_know_how_many_targets_a_batch_has(tokens, tmp_path, monkeypatch):
    seen, fit = [], Learner.fit

    def watched(learner, source, **options):
        seen.append(learner.targets)
        return fit(learner, source, **options)

    monkeypatch.setattr(Learner, "fit", watched)
    train(tiny(tokens, tmp_path / "model", "seq2seq-transformer", window=32, steps=1), silent)
    rows = [row for row in read_table(tokens / "sequences").to_pylist() if row["split"] == "train"]
    targets = [len(target) + 1 for row in rows for _, target in parted(row["token_ids"])]
    rows = 8  # of the window; twice as many would have more tokens
    assert 16 < max(targets) <= 24 and seen == [pytest.approx(sum(targets) / -(-len(targets) // rows))]


def test_longer_pairs_are_counted(tokens, tmp_path, caplog):
    settings = tiny(tokens, tmp_path / "model", "seq2seq-transformer", window=8, steps=2, evaluate_every=2)
    rows = [row for row in read_table(tokens / "sequences").to_pylist() if row["split"] == "train"]
    longer = sum(max(map(len, pair)) + 1 > 8 for row in rows for pair in parted(row["token_ids"]))
    facts = train(settings, silent).facts
    assert facts["pairs_cut"] == longer > 0
    assert "window (2 x 8) is shorter than the model's context (256)" in caplog.text
    assert f"{longer} of them lost the end" in (tmp_path / "model" / "README.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("family", ["seq2seq-transformer", "transformer"])
def test_a_batch_in_parts_is_the_same_step(tokens, learned, tmp_path, family):
    settings, facts = learned(family)
    update = {"output": tmp_path / "model", "accumulate": 2, "samples": 0}
    other = train(settings.model_copy(update=update), silent).facts
    for name in ("train_loss", "validation_loss"):
        assert facts[name] == pytest.approx(other[name], rel=1e-3)


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_weights(learned, tmp_path):
    settings, _ = learned("seq2seq-transformer")
    again = settings.model_copy(update={"output": tmp_path / "model", "checkpoint_every": 0.0})

    def interrupt(update):
        if update.done >= 15:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(again, interrupt)
    train(again, silent)
    one, other = ((path / "model.safetensors").read_bytes() for path in (settings.output, again.output))
    assert one == other


def test_documents_as_they_are_are_refused(tmp_path):
    corpus = write_documents(tmp_path / "corpus", [("train", "one two three"), ("validation", "one two three")])
    tokenize(TokenizationSettings(tokenizer=CharSettings(), corpus=corpus, output=tmp_path / "tokens"), silent)
    with pytest.raises(SettingsError, match=r"learns from pairs.* tokenize --pairs"):
        train(tiny(tmp_path / "tokens", tmp_path / "model", "seq2seq-transformer"), silent)
