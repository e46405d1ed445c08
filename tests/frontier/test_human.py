"""What people wrote: taken from the documents that the seeds name, or drawn; never the same words twice."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli import stages
from textgen_core.errors import InputError
from textgen_core.frontier.human import Written, apart, written
from textgen_core.frontier.settings import ReferenceSettings

TEXTS = [f"{n} green bottles hanging on the wall, and if one green bottle should fall" for n in range(40)]


@pytest.fixture
def reference(tmp_path):
    corpus = stages.corpus(tmp_path / "corpus", TEXTS)

    def settings(columns):
        pq.write_table(pa.table(columns), tmp_path / "seeds.parquet")
        return ReferenceSettings(
            model=tmp_path,
            seeds=tmp_path / "seeds.parquet",
            corpus=corpus,
            output=tmp_path / "out",
            max_new_tokens=20,
            prompt_column="prompt",
            id_column=None,
            held_out="validation",
            seed=0,
        )

    return settings


def test_seeds_that_name_their_document_are_followed_there(reference):
    found = written(reference({"seed_id": ["a", "b"], "prompt": ["5 green", "10 green"], "doc_id": ["d5", "d10"]}))
    assert found[0] == "own"
    assert [(text.seed_id, text.prompt + text.following) for text in found[1]] == [("a", TEXTS[5]), ("b", TEXTS[10])]


@pytest.mark.parametrize("documents", [{}, {"doc_id": ["d7", "none", ""]}])
def test_else_held_out_text_is_drawn_after_prompts_of_as_many_words(reference, documents):
    kind, found = written(reference({"prompt": ["one two three", "a b c d", "x y"], **documents}))
    assert kind == "drawn" and len(found) == 3
    held_out = TEXTS[::5]
    for text in found:
        assert len(text.prompt.split()) <= 3  # fewer where a document ends
        assert any(text.prompt + text.following in document for document in held_out)


@pytest.mark.parametrize("column", ["temperature", "max_new_tokens", "sampler"])
def test_seeds_that_turn_knobs_themselves_are_refused(reference, column):
    with pytest.raises(InputError, match=column):
        written(reference({"prompt": ["one"], column: [1]}))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(0, 12)), max_size=12))
def test_stretches_that_are_kept_share_no_character_and_none_is_left_out_that_would_fit(stretches):
    texts = [Written("", "", "", doc_id, start) for doc_id, start, _ in stretches]
    kept = apart(texts, [length for _, _, length in stretches])
    assert kept == sorted(set(kept))

    def covered(place):
        doc_id, start, length = stretches[place]
        return {(doc_id, character) for character in range(start, start + length)}

    together = [covered(place) for place in kept]
    assert sum(map(len, together)) == len(set().union(*together)) if together else True
    for place in set(range(len(texts))) - set(kept):
        doc_id, start, _ = stretches[place]
        assert any(
            stretches[other][0] == doc_id and stretches[other][1] <= start < sum(stretches[other][1:]) for other in kept
        )
