from hypothesis import given
from hypothesis import strategies as st

from textgen_core.decoding.loops import LoopDetector


def loops(tokens, longest, repeats):
    """Whether tokens end with one n-gram so often in a row."""
    return any(
        len(tokens) >= n * repeats and tokens[-n * repeats :] == tokens[-n:] * repeats for n in range(1, longest + 1)
    )


@given(st.lists(st.integers(2, 4), max_size=40), st.integers(1, 6), st.integers(2, 4))
def test_a_loop_is_found_with_the_token_that_completes_it(tokens, longest, repeats):
    detector = LoopDetector(longest, repeats)
    found = next((n for n, token in enumerate(tokens, 1) if detector.completes(token)), None)
    assert found == next((n for n in range(1, len(tokens) + 1) if loops(tokens[:n], longest, repeats)), None)
