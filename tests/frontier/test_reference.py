"""Human text in tokens: cut as generation would have cut it."""

import pytest

from textgen_core.errors import SettingsError
from textgen_core.frontier.human import Written
from textgen_core.frontier.reference import refer, tokenized
from textgen_core.frontier.settings import ReferenceSettings
from textgen_core.models.files import write_model
from textgen_core.models.settings import Architecture, NgramSettings
from textgen_core.progress import silent
from textgen_core.tokenization.byte import ByteTokenizer


@pytest.mark.parametrize(("following", "kept", "ended"), [("abc", 3, True), ("abcd", 4, False), ("abcde", 4, False)])
def test_a_text_has_ended_if_its_end_is_within_the_budget(following, kept, ended):
    reading = tokenized([Written("s", "xy", following, "d", 2)], ByteTokenizer(), 4, None)[0]
    assert (len(reading.tokens), reading.ended, len(reading.prompt), reading.cut) == (kept, ended, 2, False)


@pytest.mark.parametrize("context", [4, 5, 7, 8])
def test_a_prompt_is_cut_to_the_room_that_the_budget_leaves(context):
    text = Written("s", "xyz", "abc", "d", 3)
    reading = tokenized([text], ByteTokenizer(), 3, context)[0]
    room = max(0, context - 3 - 1)
    assert len(reading.prompt) == min(3, room) and reading.cut == (room < 3)
    assert reading.prompt == ByteTokenizer().encode(["xyz"])[0][3 - len(reading.prompt) :]


def test_a_model_of_pairs_is_refused(tmp_path):
    write_model(Architecture(vocab_size=9, model=NgramSettings(), pairs=True), {}, tmp_path)
    places = dict.fromkeys(("model", "seeds", "corpus", "output"), tmp_path)
    told = {"max_new_tokens": 9, "prompt_column": "prompt", "id_column": None, "held_out": "validation", "seed": 0}
    with pytest.raises(SettingsError, match="a model of pairs"):
        refer(ReferenceSettings(**places, **told), silent)
