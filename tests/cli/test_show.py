import json

import pytest

from tests.cli import stages
from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.stage import run_stage


@pytest.fixture
def corpus(tmp_path):
    return stages.corpus(tmp_path / "corpus", ["plain text", "\x1b[31mred\x1b[0m and \x07 bell"])


def test_show_says_what_is_there(textgen, corpus):
    code, out, _ = textgen("show", corpus)
    assert code == 0
    for part in ("ingestion", "documents: 2 rows", "content_hash", "the cleaned text", "plain text"):
        assert part in out


def test_show_of_hostile_text_is_harmless(textgen, corpus):
    out = textgen("show", corpus)[1]
    assert "\x1b" not in out and "\x07" not in out and "red and  bell" in out


def test_show_one_dataset_as_json(textgen, corpus):
    code, out, _ = textgen("show", corpus / "documents", "--json", "-n", "1")
    document = json.loads(out)
    assert code == 0
    assert document["datasets"]["documents"]["rows"] == 2
    assert len(document["datasets"]["documents"]["examples"]) == 1
    assert document["manifest"]["key"]["stage"] == "ingestion"


def test_show_follows_links_and_lists_a_pipeline(textgen, corpus, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "documents").symlink_to(corpus / "documents")
    assert "documents: 2 rows" in textgen("show", tmp_path / "out" / "documents")[1]
    code, out, _ = textgen("show", tmp_path / "out", "--json")
    assert code == 0 and json.loads(out)["documents"]["rows"] == {"documents": 2}


def test_a_fact_that_is_a_sentence_stands_on_its_own(textgen, tmp_path):
    told = {"cells": 12, "Are word models faster?": "yes: " + "a model of words writes twice as many characters " * 3}
    key = RunKey(stage="comparison", code_version=1, schema_version=1, settings={}, inputs={}, numerics={})

    def body(partial):
        (partial / "page.html").write_text("a page")
        return told

    run_stage(key, tmp_path / "made", body)
    (tmp_path / "out").mkdir()
    for name in ("page.html", "page"):
        (tmp_path / "out" / name).symlink_to(tmp_path / "made" / "page.html")
    table, said = textgen("show", tmp_path / "out")[1].split("fact ")
    assert "cells 12" in table and "faster" not in table
    assert said.count("Are word models faster?") == 1 and " ".join(said.split()).count("writes twice") == 3


def test_verify(textgen, corpus):
    assert textgen("verify", corpus)[0] == 0
    part = next(corpus.glob("documents/*.parquet"))
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    code, out, _ = textgen("verify", corpus, "--json")
    found = json.loads(out)
    assert code == 1 and not found["whole"] and str(part) in str(found["problems"])
