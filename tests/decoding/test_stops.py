from hypothesis import given
from hypothesis import strategies as st

from textgen_core.decoding.stops import StopScanner, before_stop
from textgen_core.tokenization.pieces import NOTHING


class Pieces:
    def __init__(self, pieces):
        self.pieces = [*NOTHING, *pieces]

    def decode(self, ids):
        return b"".join(self.pieces[id] for id in ids).decode("utf-8", "replace")


PIECES = [b"a", b"b", b"ab", b"ba", b"\xc3", b"\xa9", b"a\xc3", b"\xa9b", b""]
STOPS = st.lists(st.text("abé", min_size=1, max_size=4), min_size=1, max_size=3)


@given(st.lists(st.integers(2, len(PIECES) + 1), max_size=30), STOPS, st.data())
def test_a_stop_string_is_found_with_the_token_that_completes_it(ids, stops, data):
    tokenizer = Pieces(PIECES)
    if text := tokenizer.decode(ids).replace("\ufffd", ""):  # most random strings occur nowhere: take one that may
        start = data.draw(st.integers(0, len(text) - 1))
        stops = [*stops[1:], text[start : start + data.draw(st.integers(1, 6))]]
    scanner = StopScanner(tokenizer, stops)
    found = next((n for n, id in enumerate(ids, 1) if scanner.completes(id)), None)
    expected = next((n for n in range(1, len(ids) + 1) if any(s in tokenizer.decode(ids[:n]) for s in stops)), None)
    assert found == expected
    if found:
        text = before_stop(tokenizer.decode(ids[:found]), stops)
        assert not any(stop in text for stop in stops)
        assert tokenizer.decode(ids).startswith(text)


def test_text_without_a_stop_string_is_left_whole():
    assert before_stop("abc", ("x",)) == "abc"
