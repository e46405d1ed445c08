import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from flows.cli.output import plain, print_json, print_table

HOSTILE = st.text(st.characters() | st.sampled_from("\x1b\x9b\x9d\x07[]m;0\\\n\t\r\u202e\u2066"))


@given(HOSTILE)
def test_nothing_that_steers_a_terminal_is_left(text):
    for character in plain(text):
        assert character in "\t\n" or unicodedata.category(character) != "Cc"
        assert character not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@given(st.text(st.characters(exclude_categories=("Cc", "Cf"))))
def test_harmless_text_stays_as_it_is(text):
    assert plain(text) == text


def test_whole_sequences_go_and_the_text_between_stays():
    assert plain("a\x1b[31mred\x1b[0m b") == "ared b"
    assert plain("\x1b]0;title\x07text\x1b]8;;http://x\x1b\\link") == "textlink"
    assert plain("\x9b2Jgone") == "gone"


def test_tables_take_nothing_for_markup(capsys):
    print_table(("name", "n"), [("[bold]x[/bold] :smile: \x1b[2J", 1234567)])
    out = capsys.readouterr().out
    assert "[bold]x[/bold] :smile:" in out and "\x1b" not in out and "1,234,567" in out


def test_a_table_in_a_pipe_breaks_prose_between_words_and_nothing_else(capsys):
    names = ["x" * 30, "y" * 120, "of two words"] * 3
    print_table(["name"] * 10, [[*names, "prose " * 30], [*names, ""]])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[3:]]
    whole = " ".join(names).split()
    assert lines == [[*whole, *["prose"] * 13], ["prose"] * 13, ["prose"] * 4, whole, []]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=9))
def test_json_is_json(value):
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()) as out:
        print_json(value)
    assert json.loads(out.getvalue()) == value
