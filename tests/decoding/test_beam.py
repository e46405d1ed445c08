"""Beam search against all continuations there are, and against a plain one in float64."""

import itertools
from functools import cache

import numpy as np
import pytest

from tests.decoding.letters import Exchangeable, Letters, markov
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.processing import processors_of
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import SamplerSettings

END = 1


def table_of(model):
    """Log-probabilities [vocab, vocab, vocab] after any two tokens."""
    logits = np.float64(model._table)
    logprobs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    return logprobs.reshape((model.vocab_size,) * 3)


def score(table, path, penalty):
    """Of a path that begins with the prompt's two tokens."""
    return sum(table[path[i : i + 3]] for i in range(len(path) - 2)) / (len(path) - 2) ** penalty


def everything(table, start, budget, penalty):
    """Scores of all hypotheses: those that end within the budget, and those that fill it."""
    letters = range(2, len(table))
    paths = [(*start, *body, END) for n in range(budget) for body in itertools.product(letters, repeat=n)]
    paths += [(*start, *body) for body in itertools.product(letters, repeat=budget)]
    return sorted((score(table, path, penalty) for path in paths), reverse=True)


def plain_beam(table, start, budget, beams, penalty):
    """The scores that the same search finds, written plainly, without a rule for stopping early."""
    running, over = [(0.0, start)], []
    for length in range(1, budget + 1):
        over += [(s + table[(*p[-2:], END)]) / length**penalty for s, p in running]
        grown = [(s + table[(*p[-2:], t)], (*p, t)) for s, p in running for t in range(2, len(table))]
        running = sorted(grown, reverse=True)[:beams]
    return sorted([*over, *(s / budget**penalty for s, _ in running)], reverse=True)


@cache
def exchangeable(vocab, knobs):
    """A model and its engine, which searches with any number of beams and these processors."""
    model = Exchangeable(vocab, order=2)
    return model, Engine(model, Letters(vocab - 2), [], knobs, lanes=1)


def search(model, starts, budget, settings):
    shown, engine = exchangeable(model.vocab_size, processors_of(settings))
    shown.show(model)
    found = {start: [] for start in starts}
    for c in engine.run(Request(str(s), (1, s), settings, budget, tag=s) for s in starts):
        path = (*c.tokens, *([END] if c.finish_reason == "end" else []))
        assert c.sample_index == len(found[c.request.tag])
        found[c.request.tag].append((c.logprob / len(path) ** settings.length_penalty, path))
    return found


def check(found, best, table, start, penalty):
    """Scores are the best, and true; hypotheses differ. (Equal scores may come in any order.)"""
    np.testing.assert_allclose([s for s, _ in found], best[: len(found)], rtol=1e-5)
    np.testing.assert_allclose(
        [s for s, _ in found], [score(table, (*start, *p), penalty) for _, p in found], rtol=1e-5
    )
    assert len({path for _, path in found}) == len(found)


@pytest.mark.parametrize(("seed", "penalty"), [(0, 0.0), (1, 0.6), (2, 1.0), (3, 2.0)])
def test_a_beam_as_wide_as_the_tree_finds_the_best_of_all(seed, penalty):
    model = markov(5, seed=seed)  # three letters: at most 27 hypotheses run at once
    settings = SamplerSettings(strategy="beam", beams=27, n_best=8, length_penalty=penalty)
    for start, found in search(model, [1, 2, 3, 4], 4, settings).items():
        assert len(found) == 8
        check(found, everything(table_of(model), (1, start), 4, penalty), table_of(model), (1, start), penalty)


@pytest.mark.parametrize(
    ("seed", "beams", "penalty", "budget"), [(0, 4, 1.0, 20), (1, 4, 0.0, 20), (2, 4, 3.0, 17), (3, 1, 1.0, 20)]
)
def test_no_better_finished_hypothesis_is_lost(seed, beams, penalty, budget):
    model = markov(9, seed=seed, spread=1.5)
    settings = SamplerSettings(strategy="beam", beams=beams, n_best=min(3, beams), length_penalty=penalty)
    for start, found in search(model, range(1, 9), budget, settings).items():
        best = plain_beam(table_of(model), (1, start), budget, beams, penalty)
        assert len(found) == settings.n_best
        check(found, best, table_of(model), (1, start), penalty)


def test_stop_strings_cut_what_was_found():
    model = markov(6, order=1, seed=4)
    settings = SamplerSettings(strategy="beam", beams=4, n_best=4)
    engine = Engine(model, Letters(4), [settings], lanes=1)
    whole, cut = (list(engine.run([Request("s", (1, 2), settings, 12, stop=stop)])) for stop in ((), ("b", "ca")))
    for before, after in zip(whole, cut, strict=True):
        places = [p for stop in ("b", "ca") if (p := before.text.find(stop)) >= 0]
        assert after.text == before.text[: min(places, default=None)]
        assert (after.finish_reason == "stop") == bool(places)
