"""What every per-row metric must do. A new one is tested by its line in METRICS."""

from __future__ import annotations

import dataclasses
import math
import random
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from textgen_core.evaluation.metrics import METRICS
from textgen_core.evaluation.samples import Samples, words

STARTS, UNITS = st.text("ab ", max_size=9), st.text("ab c.", max_size=9)
LOOPING = st.builds(lambda start, unit, times: start + unit * times, STARTS, UNITS, st.integers(1, 6))
TEXTS = st.lists(st.none() | st.text(max_size=30) | st.text("ab ", max_size=40) | LOOPING, max_size=5)
every_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)


def samples(texts: list[str | None]) -> Samples:
    """Rows whose other columns depend on the text alone."""
    lengths = np.array([len(text or "") for text in texts], np.int64)
    return Samples(texts, lengths, -1.5 * lengths - 0.1, lengths % 2 == 1, lengths // 2)


@every_metric
@given(texts=TEXTS, seed=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_a_row_has_one_value_within_bounds_or_none_whatever_the_other_rows(metric, texts, seed: random.Random) -> None:
    values = list(metric(samples(texts)))
    low, high = metric.bounds
    for text, value in zip(texts, values, strict=True):
        assert value is None or (math.isfinite(value) and low <= value <= high)
        assert text is not None or value is None
        assert list(metric(samples([text]))) == [value]
    order = list(range(len(texts)))
    seed.shuffle(order)
    assert list(metric(samples([texts[row] for row in order]))) == [values[row] for row in order]


@every_metric
def test_no_rows_no_values(metric) -> None:
    assert list(metric(samples([]))) == []


@every_metric
def test_its_signature_tells_its_settings_and_its_version(metric) -> None:
    parts = dict(part.split(":", 1) for part in metric.signature.split("|"))
    assert parts.pop("version").isdigit()
    assert {str(getattr(metric, field.name)) for field in dataclasses.fields(metric)} <= set(parts.values()) | {"word"}
    same_settings = [other for other in METRICS.values() if type(other) is type(metric)]
    assert len({other.signature for other in same_settings}) == len(same_settings)


UNDEFINED = {
    "": {"chars": 0, "words": 0, "tokens": 0, "copied_chars": 0},
    "a": {"chars": 1, "words": 1, "tokens": 1, "mean_logprob": -0.8, "distinct_1": 1, "loop": 0}
    | {"compression": 1 / len(zlib.compress(b"a", 9)), "copied_chars": 0, "copied_share": 0},
    " ": {"chars": 1, "words": 0, "tokens": 1, "mean_logprob": -0.8, "loop": 0}
    | {"compression": 1 / len(zlib.compress(b" ", 9)), "copied_chars": 0, "copied_share": 0},
}
"""All that an empty text, one of a single token and one without a word have; the rest is null."""


@pytest.mark.parametrize("text", UNDEFINED)
@pytest.mark.parametrize("name", METRICS)
def test_a_value_is_null_where_it_has_no_meaning(name: str, text: str) -> None:
    (value,) = METRICS[name](samples([text]))
    expected = UNDEFINED[text].get(name)
    assert value == (None if expected is None else pytest.approx(expected))


def test_a_text_without_tokens_has_no_mean_and_one_that_ends_at_once_has() -> None:
    rows = Samples(["", "", ""], np.zeros(3, np.int64), np.array([0.0, -2.0, np.nan]), np.array([False, True, True]))
    assert list(METRICS["mean_logprob"](rows)) == [None, -2.0, None]
    assert list(METRICS["copied_chars"](rows)) == [None, None, None]  # nobody looked


def repeated(text: str) -> float | None:
    segments = words(text)
    covered = set()
    for start in range(len(segments) - 3):
        earlier = [segments[at : at + 4] for at in range(start)]
        if segments[start : start + 4] in earlier:
            covered |= set(range(start, start + 4))
    return len(covered) / len(segments) if len(segments) >= 4 else None


def loop(text: str) -> float:
    """The longest end whose characters all equal those a period before, three periods long at least."""
    ends = [
        len(text) - start
        for period in range(1, min(500, len(text) // 3) + 1)
        for start in range(len(text) - 3 * period + 1)
        if text[start + period :] == text[start:-period]
    ]
    return max(ends, default=0) / len(text)


def distinct(n: int) -> Callable[[str], float | None]:
    def share(text: str) -> float | None:
        segments = words(text)
        grams = ["\0".join(segments[at : at + n]) for at in range(len(segments) - n + 1)]
        return len(set(grams)) / len(grams) if grams else None

    return share


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


PLAIN: dict[str, Callable[[str], float | None]] = {
    "chars": len,
    "words": lambda text: len([word for word in words(text) if any(map(str.isalnum, word))]),
    "tokens": len,
    "mean_logprob": lambda text: (-1.5 * len(text) - 0.1) / (len(text) + len(text) % 2),
    **{f"distinct_{n}": distinct(n) for n in (1, 2, 3, 4)},
    "repeated_4": repeated,
    "loop": loop,
    "compression": lambda text: (
        len(text.encode("utf-8", "replace")) / len(zlib.compress(text.encode("utf-8", "replace"), 9))
    ),
    "copied_chars": lambda text: len(text) // 2,
    "copied_share": lambda text: (len(text) // 2) / len(text),
}
"""Each metric as its docstring says it, without any thought of speed."""


@every_metric
@given(text=st.text("ab c.", min_size=1, max_size=60) | LOOPING.filter(bool) | st.text(min_size=1))
@example(text="a b c d a b c d b c d a")
@example(text="x no no no no")
@settings(max_examples=150, deadline=None)
def test_it_equals_its_plain_definition(metric, text: str) -> None:
    name = next(name for name, other in METRICS.items() if other is metric)
    (value,) = metric(samples([text]))
    if name in PLAIN:
        assert value == pytest.approx(PLAIN[name](text))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("distinct_1", "a b a b", 0.5),
        ("distinct_2", "a b a b", 2 / 3),
        ("distinct_4", "a b", None),
        ("repeated_4", "a b c d a b c d", 0.5),
        ("loop", "x no no no", 9 / 10),
        ("loop", "all is well", 0),
        ("loop", "ab" * 2, 0),
        ("chars", "né!", 3),
        ("words", "it can't be, no!", 4),
        ("words", "…", 0),
        ("copied_share", "abcd", 0.5),
    ],
)
def test_known_values(name: str, text: str, expected: float | None) -> None:
    (value,) = METRICS[name](samples([text]))
    assert value == (None if expected is None else pytest.approx(expected))
