"""The rules of early stopping against a plain beam search in float64 that keeps to the same rule."""

import numpy as np
import pytest

from tests.decoding.test_beam import search, table_of
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.toys import MarkovModel

END, BEAMS, BEST, BUDGET = 1, 4, 3, 20


def ending(vocab):
    """A model whose texts end soon."""
    table = np.random.default_rng(6).normal(size=(vocab,) * 3) * 1.5
    table[:, :, END] += 1
    return MarkovModel(table)


def plain(table, start, penalty, rule):
    """Scores of the BEST that the search finds, best first, and how many tokens it took."""
    running, over, counted = [(0.0, start)], [], []
    for length in range(1, BUDGET + 1):
        ends = [s + table[(*p[-2:], END)] for s, p in running]
        grown = [(s + table[(*p[-2:], t)], (*p, t)) for s, p in running for t in range(2, len(table))]
        least = sorted([*ends, *(s for s, _ in grown)], reverse=True)[:BEAMS][-1]
        over = sorted([*over, *(s / length**penalty for s in ends)], reverse=True)
        counted = sorted([*counted, *(s / length**penalty for s in ends if s >= least)], reverse=True)[:BEAMS]
        running = sorted(grown, reverse=True)[:BEAMS]
        enough = len(counted) == BEAMS
        stops = {
            "exact": len(over) >= BEST and running[0][0] / BUDGET**penalty <= over[BEST - 1],
            "heuristic": enough and running[0][0] / length**penalty <= counted[-1],
            "full": enough,
        }
        if stops[rule]:
            return over[:BEST], length
    return sorted([*over, *(s / BUDGET**penalty for s, _ in running)], reverse=True)[:BEST], BUDGET


@pytest.mark.parametrize("penalty", [0.0, 1.0, 2.0])
def test_each_rule_stops_where_it_should_and_exact_loses_nothing(penalty):
    model, starts = ending(9), range(1, 9)
    best, lengths = {}, {}
    for rule in ("exact", "heuristic", "full"):
        settings = SamplerSettings(
            strategy="beam", beams=BEAMS, n_best=BEST, length_penalty=penalty, early_stopping=rule
        )
        found = search(model, starts, BUDGET, settings)
        expected = {start: plain(table_of(model), (1, start), penalty, rule) for start in starts}
        for start in starts:
            np.testing.assert_allclose([s for s, _ in found[start]], expected[start][0], rtol=1e-5)
        best[rule] = np.array([[s for s, _ in found[start]] for start in starts])
        lengths[rule] = sum(length for _, length in expected.values())
    assert (best["exact"] >= np.maximum(best["heuristic"], best["full"]) - 1e-5).all()
    assert lengths["full"] < BUDGET * len(starts)
    if penalty == 2:  # longer ones are better: the rule that does not look ahead loses them
        assert lengths["full"] < lengths["exact"] and (best["exact"] > best["full"] + 1e-3).any()
