"""A run over a changed folder that builds on an earlier one writes the same bytes as a fresh one, and reads less."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingestion.conftest import ANY_SPLIT, run, write
from textgen_core.ingestion.reuse import Previous

NAMES = ("a.txt", "b.txt", "c.csv", "d.txt")
corpora = st.fixed_dictionaries(
    {}, optional={name: st.lists(st.sampled_from(["one", "two", "three", "\0"]), max_size=4) for name in NAMES}
)
SPLITS = (ANY_SPLIT, {"method": "tail", "validation": 0.3, "test": 0.2}, {"method": "column"})


def fill(folder: Path, corpus: dict[str, list[str]], split) -> None:
    for name, texts in corpus.items():
        if split.get("method") == "column":
            name, rows = (
                name.split(".")[0] + ".csv",
                [f"{text} {side},{side}" for text in texts for side in ("train", "dev")],
            )
            write(folder / name, "\n".join(["text,split", *rows]))
        else:
            head = ["text"] if name.endswith("csv") else []
            write(folder / name, "\n".join([*head, *texts]))


@settings(max_examples=20)
@given(corpora, corpora, st.sampled_from(SPLITS), st.booleans())
def test_same_bytes_as_a_fresh_run(before, after, split, deduplicate):
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        options = {"split": split, "unit": "line", "deduplicate": deduplicate}
        both = {"good": [f"always {n}" for n in range(20)]}
        for step, corpus in (("before", before), ("after", after)):
            shutil.rmtree(root / "in", ignore_errors=True)
            fill(root / "in", {**{f"{name}.txt": texts for name, texts in both.items()}, **corpus}, split)
            if step == "before":
                run(root / "before", root / "in", **options)
        fresh = run(root / "fresh", root / "in", **options)
        later = run(root / "later", root / "in", **options, previous=root / "before")
        assert later.bytes == fresh.bytes
        assert later.manifest.key == fresh.manifest.key
        assert later.facts["sources_reused"] >= 1
        names = [name for name in fresh.facts if not name.startswith("sources_")]
        assert [later.facts[name] for name in names] == [fresh.facts[name] for name in names]


def test_of_a_folder_with_ten_new_files_ten_are_opened(tmp_path, monkeypatch):
    for number in range(300):
        write(tmp_path / "in" / f"{number % 7}" / f"{number:03}.txt", f"document {number}\n\nand {number % 50}")
    first = run(tmp_path / "first", tmp_path / "in")
    new = [write(tmp_path / "in" / "3" / f"new {number}.txt", f"new {number}") for number in range(10)]
    opened = []
    real = Path.open

    def spy(path, *arguments, **options):
        if path.suffix == ".txt":
            opened.append(path)
        return real(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", spy)
    second = run(tmp_path / "second", tmp_path / "in", previous=tmp_path / "first")
    assert set(opened) == set(new)
    assert second.facts["documents"] == first.facts["documents"] + 10
    assert (second.facts["sources_read"], second.facts["sources_reused"]) == (10, 300)
    assert {row["source"]: row["rows"] for row in second.sources} == dict.fromkeys(
        (row["source"] for row in first.sources), 2
    ) | dict.fromkeys(map(str, new), 1)


@pytest.mark.parametrize("split", [ANY_SPLIT, {"method": "tail", "validation": 0.1}])
def test_sources_gathered_or_not_give_the_same_bytes(tmp_path, monkeypatch, split):
    for number in range(40):
        texts = [f"document {number % 9}", f"second of {number}", "\0" if number % 5 == 0 else "all the same"]
        write(tmp_path / "in" / f"{number:02}.txt", "" if number % 7 == 0 else "\n\n".join(texts))
    gathered = run(tmp_path / "gathered", tmp_path / "in", split=split)
    monkeypatch.setattr("textgen_core.ingestion.corpus.BATCH_BYTES", 0)
    assert run(tmp_path / "single", tmp_path / "in", split=split).bytes == gathered.bytes


def test_a_duplicate_whose_original_is_gone_is_read_again(tmp_path):
    write(tmp_path / "in" / "a.txt", "same")
    write(tmp_path / "in" / "b.txt", "same\n\nother")
    first = run(tmp_path / "first", tmp_path / "in")
    assert first.texts == ["same", "other"]
    (tmp_path / "in" / "a.txt").unlink()
    second = run(tmp_path / "second", tmp_path / "in", previous=tmp_path / "first")
    assert second.texts == ["same", "other"]
    assert second.facts["sources_read"] == 1


def test_other_settings_or_types_use_nothing_of_the_earlier_run(tmp_path):
    write(tmp_path / "in" / "a.csv", "text,n\na,1\n")
    options = {"keep_columns": ("n",)}
    run(tmp_path / "first", tmp_path / "in", **options)
    other = run(tmp_path / "other", tmp_path / "in", **options, min_chars=1, previous=tmp_path / "first")
    assert other.facts["sources_reused"] == 0
    write(tmp_path / "in" / "b.csv", "text,n\nb,0.5\n")
    wider = run(tmp_path / "wider", tmp_path / "in", **options, previous=tmp_path / "first")
    assert [row["n"] for row in wider.documents] == [1.0, 0.5]
    assert wider.facts["sources_reused"] == 0


def test_a_file_of_the_last_seconds_is_hashed_again(tmp_path):
    path = write(tmp_path / "in" / "a.txt", "first")
    path.touch()
    run(tmp_path / "first", tmp_path / "in")
    path.write_text("other")
    assert run(tmp_path / "second", tmp_path / "in", previous=tmp_path / "first").texts == ["other"]


def test_without_the_check_for_lost_originals_text_would_be_lost(tmp_path, monkeypatch):
    """The mutant that shows that the property above can fail."""
    write(tmp_path / "in" / "a.txt", "same")
    write(tmp_path / "in" / "b.txt", "same\n\nother")
    run(tmp_path / "first", tmp_path / "in")
    (tmp_path / "in" / "a.txt").unlink()
    monkeypatch.setattr(Previous, "lost_original", lambda *arguments: False)
    assert run(tmp_path / "second", tmp_path / "in", previous=tmp_path / "first").texts == ["other"]


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_inputs_changes_nothing(tmp_path, order):
    paths = [write(tmp_path / "in" / name, f"text of {name}") for name in NAMES[:2]]
    result = run(tmp_path / f"out{order}", *paths[::order])
    assert result.texts == ["text of a.txt", "text of b.txt"]
