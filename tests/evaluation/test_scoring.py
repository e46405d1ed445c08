"""Every token is counted once, and sees the context that is promised."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.errors import SettingsError
from textgen_core.evaluation import scoring
from textgen_core.evaluation.scoring import score_sequences, score_texts
from textgen_core.evaluation.windows import power_of_four, power_of_four_within, sliding
from textgen_core.tokenization.byte import ByteTokenizer


class Counting:
    """Says of a token minus the sum of all tokens seen so far: any wrong context changes a score."""

    vocab_size = 7

    def __init__(self, max_context: int | None) -> None:
        self.max_context, self.carries_state = max_context, max_context is None

    def read(self, tokens, following, state=None):
        seen = np.cumsum(tokens, axis=1) + (0 if state is None else state[: len(tokens), None])
        return -(seen + 100.0 * following).astype(np.float64), seen[:, -1] if self.carries_state else None


@given(sequences=st.lists(st.lists(st.integers(2, 6), max_size=40), max_size=5), rows=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_a_carried_state_sees_everything(sequences: list[list[int]], rows: int) -> None:
    found = score_sequences(Counting(None), sequences, rows=rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "CARRIED", 16)
        assert score_sequences(Counting(None), sequences, rows=rows) == found
    for sequence, score in zip(sequences, found, strict=True):
        inputs, targets = [1, *sequence], [*sequence, 1]
        assert score == (len(targets), -float(sum(np.cumsum(inputs)) + 100 * sum(targets)))


@given(length=st.integers(1, 60), size=st.integers(2, 20))
def test_windows_count_each_input_once_with_at_least_half_the_context(length: int, size: int) -> None:
    for stride in (size, max(1, size // 2)):
        windows = list(sliding(length, size, stride))
        counted = [place for window in windows for place in range(window.counted, window.stop)]
        assert counted == list(range(length))
        assert all(window.shown <= size for window in windows)
        if stride < size:
            assert all(window.counted - window.start >= size - stride for window in windows[1:])


def test_one_long_text_beside_many_short_ones_is_read_alone() -> None:
    class Cells(Counting):
        read_in_all = 0

        def read(self, tokens, following, state=None):
            self.read_in_all += tokens.size
            return super().read(tokens, following, state)

    reader = Cells(None)
    sequences = [[2] * 100_000, *[[2] * 100] * 63]
    score_sequences(reader, sequences, rows=64)
    assert reader.read_in_all < 1.5 * sum(map(len, sequences))


@pytest.mark.parametrize(
    ("number", "power"), [(1, 1), (2, 4), (4, 4), (5, 16), (16, 16), (17, 64), (64, 64), (65, 256)]
)
def test_powers_of_four(number: int, power: int) -> None:
    assert power_of_four(number) == power
    assert power_of_four_within(number) == (power if power == number else power // 4)


@pytest.mark.parametrize("vocabulary", [100, 13_777, 200_000])
def test_no_more_logits_are_computed_than_there_is_room_for_and_no_row_is_padding(vocabulary: int) -> None:
    class Large(Counting):
        vocab_size, most = vocabulary, 0

        def read(self, tokens, following, state=None):
            self.most = max(self.most, tokens.size * vocabulary)
            assert (tokens[:, 0] > 0).all()
            return super().read(tokens, following, state)

    reader = Large(128)
    score_sequences(reader, [[2] * 127] * 64)
    assert reader.most <= scoring.LOGITS


def test_a_model_of_pairs_scores_no_text_by_itself() -> None:
    with pytest.raises(SettingsError, match=r"reads text.*textgen evaluate"):
        score_texts(SimpleNamespace(pairs=True), ByteTokenizer(), ["text"])
