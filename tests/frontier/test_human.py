"""What people wrote: taken from the documents that the seeds name, or drawn; never the same words twice."""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli import stages
from tests.tokenization.documents import write_documents
from textgen_core.datasets.parts import read_batches
from textgen_core.errors import InputError
from textgen_core.frontier.human import Written, apart, written
from textgen_core.frontier.settings import ReferenceSettings
from textgen_core.seeding.draw import draw_seeds
from textgen_core.seeding.settings import SeedingSettings, drawn_as
from textgen_core.tokenization.pairs import pairs_of
from textgen_core.tokenization.settings import ColumnPairs, OpeningPairs, SentencePairs

TEXTS = [f"{n} green bottles hanging on the wall, and if one green bottle should fall" for n in range(40)]


@pytest.fixture
def reference(tmp_path):
    corpus = stages.corpus(tmp_path / "corpus", TEXTS)

    def settings(columns, **change):
        pq.write_table(pa.table(columns), tmp_path / "seeds.parquet")
        told = {
            "model": tmp_path,
            "seeds": tmp_path / "seeds.parquet",
            "corpus": corpus,
            "output": tmp_path / "out",
            "max_new_tokens": 20,
            "prompt_column": "prompt",
            "id_column": None,
            "held_out": "validation",
            "seed": 0,
        }
        return ReferenceSettings(**told | change)

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


STORIES = [f"{n} bottles hang. Should {n} fall? \n Then {n} are gone." for n in range(40)]
PAIRED = [SentencePairs(), OpeningPairs(words=2), ColumnPairs(source="stars")]


@pytest.fixture
def stories(tmp_path):
    """A corpus, and the pairs of its held-out documents."""
    texts = [("validation" if n % 4 == 0 else "train", text) for n, text in enumerate(STORIES)]
    corpus = write_documents(tmp_path / "stories", texts)

    def held_out(pairs):
        rows = pa.Table.from_batches(read_batches(corpus / "documents")).filter(pc.field("split") == "validation")
        [batch] = rows.combine_chunks().to_batches()
        return {
            (doc_id, pair)
            for doc_id, found in zip(batch["doc_id"].to_pylist(), pairs_of(pairs, batch), strict=True)
            for pair in found
        }

    return corpus, held_out


@pytest.mark.parametrize("pairs", PAIRED)
def test_of_pairs_people_wrote_all_of_the_target_and_nothing_else(reference, stories, tmp_path, pairs):
    corpus, held_out = stories
    told = SeedingSettings(**drawn_as(pairs), count=9, corpus=corpus, output=tmp_path)
    seeds = draw_seeds(told).to_pydict()
    kind, found = written(reference(seeds, corpus=corpus, pairs=pairs))
    assert kind == "own" and [text.seed_id for text in found] == seeds["seed_id"]
    assert {(text.doc_id, (text.prompt, text.following)) for text in found} <= held_out(pairs)
    assert apart(found, [len(text.following) for text in found]) == list(range(len(found)))


@pytest.mark.parametrize("pairs", PAIRED)
def test_of_seeds_that_are_no_sources_held_out_pairs_are_drawn(reference, stories, pairs):
    corpus, held_out = stories
    kind, found = written(reference({"prompt": ["one two", "Then", "x y z"]}, corpus=corpus, pairs=pairs))
    assert kind == "drawn" and len(found) == 3
    assert {(text.doc_id, (text.prompt, text.following)) for text in found} <= held_out(pairs)


def test_a_source_that_stands_twice_has_its_first_target_once(reference, tmp_path):
    corpus = stages.corpus(tmp_path / "songs", ["La. One. La. Two."])
    seeds = {"seed_id": ["a", "b"], "prompt": ["La.", "La."], "doc_id": ["d0", "d0"]}
    _, found = written(reference(seeds, corpus=corpus, pairs=SentencePairs()))
    assert [text.following for text in found] == ["One.", "One."]
    assert apart(found, [4, 4]) == [0]


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
