"""Encoder-decoders with every processor: targets are those that whole passes and plain Python come to."""

import numpy as np
import pytest

from tests.decoding import said
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import USED_BY, SamplerSettings
from textgen_core.models.families import build_model
from textgen_core.models.seq2seq_settings import Seq2SeqCNNSettings, Seq2SeqRNNSettings, Seq2SeqTransformerSettings
from textgen_core.tokenization.interface import END, PAD, SEPARATOR

pytestmark = pytest.mark.slow

VOCAB, BUDGET, ROWS = said.VOCAB, 12, 24
FAMILIES = {
    "rnn": Seq2SeqRNNSettings(units=32, attention="additive"),
    "cnn": Seq2SeqCNNSettings(layers=2, width=32, context=64),
    "transformer": Seq2SeqTransformerSettings(layers=2, width=32, heads=4, context=64),
}
KNOBS = {
    "logit_bias": {"logit_bias": {"a": 4.0, "id:1": -6.0}},
    "repetition_penalty": {"repetition_penalty": 1.7},
    "frequency_penalty": {"frequency_penalty": 0.9},
    "presence_penalty": {"presence_penalty": 1.5},
    "dry_multiplier": {"dry_multiplier": 2.0, "dry_base": 1.5, "dry_allowed_length": 1, "dry_breakers": ("\n",)},
    "no_repeat_ngram": {"no_repeat_ngram": 2},
    "banned_phrases": {"banned_phrases": ("ab", "c", " a")},
    "min_new_tokens": {"min_new_tokens": 8, "stop_tokens": ("b",)},
}
ALL = {name: value for knobs in KNOBS.values() for name, value in knobs.items()}


@pytest.fixture(scope="module", params=FAMILIES)
def model(request):
    model = build_model(FAMILIES[request.param], VOCAB)
    for weight in model.weights:  # far from uniform, so that no two tokens are about as likely
        weight.assign(np.random.default_rng(1).normal(size=weight.shape) * 0.4)
    return model


@pytest.fixture(scope="module")
def prompts():
    """Sources of several lengths, every other target begun."""
    draw = np.random.default_rng(2)
    lengths = [(int(draw.integers(1, 9)), 3 * (row % 2)) for row in range(ROWS)]
    return [(END, *(int(t) for t in draw.integers(2, VOCAB, s)), PAD, *draw.integers(2, VOCAB, t)) for s, t in lengths]


def targets(model, prompts, sampler):
    requests = [Request(str(row), tuple(map(int, prompt)), sampler, BUDGET) for row, prompt in enumerate(prompts)]
    engine = Engine(model, said.TOKENIZER, [sampler], lanes=1)
    return [one.tokens for one in sorted(engine.run(requests), key=lambda one: int(one.request.key))]


def greedy(model, prompts, sampler, names):
    """The same by whole passes over source, separator and target so far, all rows at once."""
    stops = {id for name in sampler.stop_tokens for id in said.named(name)}
    rows, open_ = [list(map(int, prompt)) for prompt in prompts], set(range(len(prompts)))
    for _ in range(BUDGET):
        longest = max(map(len, rows))
        logits = np.asarray(model(np.array([row + [2] * (longest - len(row)) for row in rows], np.int32)))
        for place in sorted(open_):
            read, own = prompts[place], rows[place][len(prompts[place]) :]
            scores = np.array(said.processed(read, own, logits[place, len(rows[place]) - 1], sampler, names))
            scores[PAD] = -np.inf
            token = int(scores.argmax())
            if token in {END, *stops}:
                open_.remove(place)
            if token != END:
                rows[place].append(token)
    return [tuple(row[len(prompt) :]) for row, prompt in zip(rows, prompts, strict=True)]


def test_every_processor_is_here():
    assert PAD == SEPARATOR and list(KNOBS) == list(said.REFERENCES)


@pytest.mark.parametrize("names", [*([name] for name in KNOBS), list(KNOBS)], ids=lambda names: "+".join(names))
def test_targets_are_those_of_whole_passes(model, prompts, names):
    knobs = ALL if len(names) > 1 else KNOBS[names[0]]
    sampler = SamplerSettings(strategy="greedy", **knobs)
    assert targets(model, prompts, sampler) == greedy(model, prompts, sampler, set(names))


@pytest.mark.parametrize("told", [{"temperature": 1.2, "top_p": 0.95}, {"strategy": "beam", "beams": 3}])
def test_a_row_with_all_of_them_alone_is_the_row_among_others(model, prompts, told):
    used = {name: value for name, value in ALL.items() if name in USED_BY[told.get("strategy", "sample")]}
    sampler = SamplerSettings(**told, **used)
    assert targets(model, prompts[:1], sampler) == targets(model, prompts, sampler)[:1]
