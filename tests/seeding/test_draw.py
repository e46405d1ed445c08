"""Seeds come from held-out documents, are prompts that go on, and don't depend on the documents' order."""

import zlib

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.datasets.parts import PartWriter
from textgen_core.errors import InputError
from textgen_core.seeding.bottom_k import BottomK, Place
from textgen_core.seeding.draw import draw_seeds
from textgen_core.seeding.settings import SeedingSettings

KINDS = ["prose", "verse"]


def corpus(folder, texts, split="validation"):
    rows = [
        {"doc_id": f"d{n}", "text": text, "split": split if n % 5 else "train", "kind": KINDS[n % 2]}
        for n, text in texts
    ]
    schema = pa.schema([("doc_id", pa.string()), ("text", pa.string()), ("split", pa.string()), ("kind", pa.string())])
    with PartWriter(folder / "documents" / "part-00000.parquet", schema) as part:
        part.write(rows)
    return folder


TEXTS = [(n, " ".join(f"w{n}_{k}" for k in range(60))) for n in range(40)]


@pytest.mark.parametrize("how", ["openings", "spans"])
def test_prompts_stand_in_held_out_documents_and_the_document_goes_on(tmp_path, how):
    seeds = draw_seeds(SeedingSettings(corpus=corpus(tmp_path, TEXTS), output=tmp_path, how=how, count=12, words=4))
    assert seeds.num_rows == 12
    by_id = {f"d{n}": text for n, text in TEXTS if n % 5}
    for row in seeds.to_pylist():
        text, prompt = by_id[row["doc_id"]], row["prompt"]
        assert prompt in text and not text.endswith(prompt)
        assert len(prompt.split()) <= 4
        if how == "openings":
            assert text.startswith(prompt)


REPEATING = [(n, f"{text} {n}") for n, (_, text) in enumerate(TEXTS[:15] * 3)]
"""Documents that begin alike and are not the same."""


@pytest.mark.parametrize("by", [None, "kind"])
@pytest.mark.parametrize("how", ["openings", "spans"])
@pytest.mark.parametrize("texts", [TEXTS, REPEATING], ids=["different", "repeating"])
def test_the_draw_does_not_depend_on_the_order_of_documents(tmp_path, texts, how, by):
    def draw(name, texts):
        at = corpus(tmp_path / name, texts)
        return draw_seeds(SeedingSettings(corpus=at, output=tmp_path, how=how, by=by, count=8))

    assert draw("forth", texts) == draw("back", texts[::-1])


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 99), st.sampled_from("xyz"))), st.integers(1, 5))
def test_the_lowest_are_those_of_sorting_all(offered, k):
    offered = [(prompt, Place(zlib.crc32(f"{prompt}{n}".encode()), id)) for prompt, n, id in offered]
    lowest = BottomK(k)
    for prompt, place in offered:
        lowest.offer(prompt, place)
    best = dict(sorted(offered, key=lambda entry: entry[1], reverse=True))
    assert lowest.lowest() == sorted(best.items(), key=lambda entry: entry[1])[:k]


@pytest.mark.parametrize("apart", ["", "\n" * 2])
def test_spans_begin_anywhere_in_scripts_that_do_without_spaces(tmp_path, apart):
    verse = apart.join("".join(chr(0x4E00 + (41 * line + n * n) % 5000) for n in range(150)) for line in range(40))
    drawn = draw_seeds(SeedingSettings(corpus=corpus(tmp_path, [(1, verse)]), output=tmp_path, how="spans", count=6))
    prompts = drawn["prompt"].to_pylist()
    assert len(set(prompts)) == 6 and all(prompt in verse for prompt in prompts)


def test_another_seed_draws_others(tmp_path):
    at = corpus(tmp_path, TEXTS)
    first, second = (draw_seeds(SeedingSettings(corpus=at, output=at, count=5, seed=seed)) for seed in (0, 1))
    assert first != second


def test_by_draws_the_count_for_each_value_and_keeps_the_column(tmp_path):
    seeds = draw_seeds(SeedingSettings(corpus=corpus(tmp_path, TEXTS), output=tmp_path, count=3, by="kind"))
    assert sorted(seeds["kind"].to_pylist()) == ["prose"] * 3 + ["verse"] * 3


def test_each_value_has_seeds_of_its_own_where_all_prompts_are_the_same(tmp_path):
    rows = [{"doc_id": f"d{n}", "text": f"review {n}", "split": "validation", "stars": n % 5} for n in range(400)]
    at = with_columns(tmp_path, [{**row, "prompt": "Review: "} for row in rows])
    drawn = draw_seeds(SeedingSettings(corpus=at, output=at, how="column", column="prompt", by="stars", count=3))
    assert drawn["stars"].to_pylist() == [0, 1, 2, 3, 4] and set(drawn["prompt"].to_pylist()) == {"Review:"}


def told(values):
    return [{"doc_id": f"d{n}", "text": f"{n} b c d", "split": "validation", "own": v} for n, v in enumerate(values)]


@pytest.mark.parametrize("options", [{"by": "own"}, {"how": "column", "column": "own"}])
@pytest.mark.parametrize("value", [["a"], {"a": 1}])
def test_a_column_of_lists_is_one_clear_error(tmp_path, options, value):
    at = with_columns(tmp_path, told([value] * 3))
    with pytest.raises(InputError, match=r"must name a column of single values.*own, of (list|struct)"):
        draw_seeds(SeedingSettings(corpus=at, output=at, **options))


def test_what_is_no_number_is_one_group_and_so_are_both_zeros(tmp_path):
    values = [float("nan"), 0.0, -0.0, None] * 5
    drawn = [
        draw_seeds(SeedingSettings(corpus=with_columns(tmp_path / name, rows), output=tmp_path, by="own", count=3))
        for name, rows in (("forth", told(values)), ("back", told(values)[::-1]))
    ]
    assert list(map(str, drawn[0]["own"].to_pylist())) == ["0.0"] * 3 + ["nan"] * 3 + ["None"] * 3
    assert drawn[0]["doc_id"] == drawn[1]["doc_id"]


def test_nothing_and_the_word_for_it_are_two_groups_in_one_order(tmp_path):
    rows = told([None, "None"] * 5)
    forth, back = (with_columns(tmp_path / name, order) for name, order in (("forth", rows), ("back", rows[::-1])))
    first, second = (draw_seeds(SeedingSettings(corpus=at, output=at, by="own", count=2)) for at in (forth, back))
    assert first == second and first["own"].to_pylist() == ["None"] * 2 + [None] * 2


def with_columns(folder, rows):
    table = pa.Table.from_pylist(rows)
    with PartWriter(folder / "documents" / "part-00000.parquet", table.schema) as part:
        part.write(table)
    return folder


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=8, unique=True), st.integers(1, 6))
def test_any_text_gives_prompts_from_it_or_one_clear_error(tmp_path_factory, texts, words):
    folder = tmp_path_factory.mktemp("any")
    numbered = [(n + 1, text) for n, text in enumerate(texts) if (n + 1) % 5]
    at = corpus(folder, numbered)
    try:
        seeds = draw_seeds(SeedingSettings(corpus=at, output=at, how="spans", words=words))
    except InputError:
        return
    by_id = {f"d{n}": text for n, text in numbered}
    assert all(row["prompt"] and row["prompt"] in by_id[row["doc_id"]] for row in seeds.to_pylist())


@pytest.mark.parametrize(("change", "told"), [({"by": "mood"}, "mood"), ({"split": "test"}, "test split")])
def test_what_is_not_there_is_one_clear_error(tmp_path, change, told):
    with pytest.raises(InputError, match=told):
        draw_seeds(SeedingSettings(corpus=corpus(tmp_path, TEXTS), output=tmp_path, **change))


def test_sentences_are_drawn_that_another_one_follows(tmp_path):
    texts = [(n, f"First {n}. Second {n}! Last {n}.") for n in range(10)]
    drawn = draw_seeds(SeedingSettings(corpus=corpus(tmp_path, texts), output=tmp_path, how="sentences", count=100))
    expected = {sentence for n in range(10) if n % 5 for sentence in (f"First {n}.", f"Second {n}!")}
    assert set(drawn["prompt"].to_pylist()) == expected


def test_prompts_are_what_a_column_says_each_once(tmp_path):
    at = corpus(tmp_path, TEXTS)
    drawn = draw_seeds(SeedingSettings(corpus=at, output=tmp_path, how="column", column="kind"))
    assert sorted(drawn["prompt"].to_pylist()) == KINDS
    with pytest.raises(InputError, match=r"`column` must name a kept column.*kind"):
        draw_seeds(SeedingSettings(corpus=at, output=tmp_path, how="column", column="genre"))


@pytest.mark.parametrize("options", [{"how": "column"}, {"column": "kind"}])
def test_a_column_is_named_where_it_is_meant(tmp_path, options):
    with pytest.raises(ValueError, match="must be given where how is column"):
        SeedingSettings(corpus=tmp_path, output=tmp_path, **options)
