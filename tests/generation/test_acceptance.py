"""What decides whether a draw is accepted: filters, the training text, and the ledger of what each seed still lacks."""

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.generation.acceptance import Draw, Filter, Ledger, Rules, hash_of
from textgen_core.generation.settings import UntilSettings
from textgen_core.generation.training_text import TrainingText
from textgen_core.progress import silent


@settings(max_examples=200)
@given(st.data())
def test_the_ledger_settles_as_one_who_goes_from_row_to_row(data):
    """In whatever order the draws of a round come."""
    unique, wanted = data.draw(st.booleans()), data.draw(st.integers(1, 3))
    ledgers = [Ledger(Rules(UntilSettings(), None), unique, np.full((3, 2), wanted, np.int32)) for _ in range(2)]
    taken, have = set(), {}
    for turn in range(3):
        texts = data.draw(st.lists(st.sampled_from(["a", " a", "b", "c\n", "", "d", "e"]), max_size=20))
        cells = [data.draw(st.tuples(st.integers(0, 2), st.integers(0, 1))) for _ in texts]
        draws = [
            Draw(cell, f"s{cell[0]}", f"x{cell[1]}", turn * 100 + i, text, "end")
            for i, (cell, text) in enumerate(zip(cells, texts, strict=True))
        ]
        expected = set()
        for draw in sorted(draws, key=lambda d: hash_of(f"{d.seed_id}\0{d.sampler}\0{d.index}")):
            if have.get(draw.cell, 0) < wanted and not (unique and draw.text.strip() in taken):
                have[draw.cell] = have.get(draw.cell, 0) + 1
                taken.add(draw.text.strip())
                expected.add(draw.index)
        for ledger, order in zip(ledgers, (draws, data.draw(st.permutations(draws))), strict=True):
            mask = ledger.settle(order)
            assert {draw.index for draw, accepted in zip(order, mask, strict=True) if accepted} == expected
    assert ledgers[0].dropped == ledgers[1].dropped
    assert {(cell): wanted - n for cell, n in have.items()} == {cell: ledgers[0].lacking[cell] for cell in have}


@settings(max_examples=200)
@given(st.lists(st.text("ab \n", max_size=12), max_size=5), st.text("ab \n", max_size=6))
def test_training_text_holds_what_stands_in_one_document(documents, text):
    found = TrainingText(documents, silent).holds(text)
    assert found == (not text or any(text in document for document in documents))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["[a-c]+", "(.|\n)*b(.|\n)*", "a{2,3}|é+", r"\w+ \w+", ".*", "[^b]*"]),
    st.text("abcé \n_d", max_size=6),
)
def test_a_filter_matches_as_pythons_re_does(pattern, text):
    assert Filter(pattern).matches(text) == (re.fullmatch(pattern, text) is not None)


def test_the_rules_of_a_row():
    known = TrainingText(["to be or not to be", "that is"], silent)
    rules = Rules(UntilSettings(match=".*[a-z]", novel=True), known)
    assert rules.broken("be or not ", "end") == "unmatched"
    assert rules.broken(" be or not", "length") == "copied"
    assert rules.broken("be that", "end") is None
    assert rules.broken("be that", "error") == "error"
