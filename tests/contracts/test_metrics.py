"""What every per-row metric must do. A new one is tested by its line in METRICS."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.evaluation.metrics import METRICS
from textgen_core.evaluation.samples import Samples

TEXTS = st.lists(st.none() | st.text(max_size=30) | st.text("ab ", max_size=30), max_size=5)


def samples(texts: list[str | None]) -> Samples:
    lengths = np.array([len(text or "") for text in texts], np.int64)
    return Samples(texts, lengths, -1.5 * lengths, lengths % 2 == 1, lengths // 2)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
@given(texts=TEXTS)
@settings(max_examples=40, deadline=None)
def test_a_metric_gives_each_row_alone_one_finite_value_or_none(metric, texts: list[str | None]) -> None:
    values = list(metric(samples(texts)))
    assert values == [value for text in texts for value in metric(samples([text]))]
    for text, value in zip(texts, values, strict=True):
        assert value is None or math.isfinite(value)
        assert text is not None or value is None


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("distinct_1", "a b a b", 0.5),
        ("distinct_2", "a b a b", 2 / 3),
        ("distinct_4", "a b", None),
        ("repeated_4", "a b c d a b c d", 0.5),
        ("loop", "x no no no", 9 / 10),
        ("loop", "all is well", 0),
        ("chars", "né!", 3),
        ("words", "it can't be, no!", 4),
    ],
)
def test_known_values(name: str, text: str, expected: float | None) -> None:
    (value,) = METRICS[name](samples([text]))
    assert value == (None if expected is None else pytest.approx(expected))
