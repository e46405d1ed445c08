"""The page: complete, harmless whatever the text, without a request, and the same bytes for the same inputs."""

import html.parser
import json
import re

import pytest

from tests.reporting import stages
from textgen_core.errors import DatasetError
from textgen_core.progress import silent
from textgen_core.reporting.stage import report, reporting_key

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}\x1b[31m\x00\u202e\"'&"


class Page(html.parser.HTMLParser):
    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes, self.texts, self.open = [], [], [], []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def page(settings):
    report(settings, silent)
    return (settings.output / "report.html").read_text()


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return page(stages.settings(tmp_path_factory.mktemp("report")))


def test_attention_is_drawn_of_models_that_say_something_of_it(source, tmp_path):
    assert "Attention" not in source and "<rect" not in source
    told = stages.settings(tmp_path)
    pair = {"source": ["", HOSTILE], "target": [HOSTILE, "b", ""], "weights": [[0.25, 0.75], [1, 0], [0, 1]]}
    (told.runs[1].model / "attention.json").write_text(json.dumps([pair]))
    drawn = page(told)
    assert Page(drawn).tags.count("rect") == 6 and "Attention" in drawn
    assert not {"script", "img"} & set(Page(drawn).tags)


def test_it_shows_models_curves_metrics_samples_rejects_and_lineage(source):
    text = " ".join(Page(source).texts)
    for part in ("char-lstm", "bpe-transformer", "2.050", "6.8% fewer", "1,234,567"):  # models
        assert part in text
    assert source.count("<polyline") == 8  # 2 models, 2 splits, 2 axes
    for part in ("distinct pairs", "all figures by topic", "loop"):
        assert part in text
    for part in ("Once upon a time 3", "It was top-p 3 0", "topic: topic 1", "12 characters copied"):
        assert part in text
    for part in ("undecodable", "a.txt, row 7", "char-lstm/training", "documents", "training_seconds"):
        assert part in text


def test_only_the_first_sample_of_the_first_seeds_is_shown(tmp_path):
    source = page(stages.settings(tmp_path, seeds=2))
    assert "Once upon a time 1" in source and "Once upon a time 2" not in source
    assert "It was greedy 0 0" in source and "It was greedy 0 1" not in source


def test_it_asks_for_nothing(source):
    found = Page(source)
    assert "script" not in found.tags and not {"img", "iframe", "link", "object", "form"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on") or name in ("src", "style")]
    assert all(value.startswith("#") for name, value in found.attributes if name == "href")
    assert not re.search(r"https?://|url\(|@import", source)
    [policy] = [value for name, value in found.attributes if name == "content" and "default-src" in value]
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy


def test_it_is_well_formed(source):
    assert Page(source).open == []


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    run = stages.run(folder / "a", "a", 2.0, text=HOSTILE, prompt=HOSTILE)
    return stages.ReportingSettings(
        runs=(run,), corpus=stages.corpus(folder / "corpus", HOSTILE), output=folder / "report", title=HOSTILE
    )


def test_hostile_text_is_only_text(hostile):
    source = page(hostile)
    found = Page(source)
    assert not {"script", "img"} & set(found.tags) and found.open == []
    assert "</script>" in " ".join(found.texts) and "{{ 7*7 }}" in " ".join(found.texts)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", source)


def test_equal_inputs_give_equal_bytes_and_another_fact_another_key(tmp_path):
    one, two = stages.settings(tmp_path / "one"), stages.settings(tmp_path / "two")
    assert page(one) == page(two)
    assert reporting_key(one) == reporting_key(two)
    stages.corpus(tmp_path / "other", documents=91)
    assert reporting_key(one.model_copy(update={"corpus": tmp_path / "other"})) != reporting_key(one)


def test_links_are_as_good_as_directories(tmp_path):
    settings = stages.settings(tmp_path)
    (tmp_path / "link").symlink_to(settings.corpus / "documents")
    linked = settings.model_copy(update={"corpus": tmp_path / "link"})
    assert reporting_key(linked) == reporting_key(settings)


def test_a_corpus_that_is_none_or_another_is_refused(tmp_path):
    settings = stages.settings(tmp_path)
    with pytest.raises(DatasetError, match=r"must hold documents.*tokens, made by tokenization.*`textgen ingest`"):
        report(settings.model_copy(update={"corpus": settings.runs[0].tokens}), silent)
    document = dict.fromkeys(("doc_id", "source", "split", "text", "content_hash"), "")
    rows = [document | {"source_row": 0, "n_chars": 0, "n_words": 0}]
    other = stages.corpus(tmp_path / "other", rows=rows)
    with pytest.raises(DatasetError, match=r"tokens must be made of the corpus.*other, which is another"):
        report(settings.model_copy(update={"corpus": other}), silent)
    assert not settings.output.exists()


def test_a_single_model_without_bits_per_character_still_has_a_page(tmp_path):
    run = stages.run(tmp_path / "a", "only", 2.0, seeds=0)
    stages.stage(tmp_path / "history", "training", {}, stages.MODEL_FILES, history=(stages.HISTORY, []))
    run = run.model_copy(update={"model": tmp_path / "history"})
    settings = stages.ReportingSettings(
        runs=(run,), corpus=stages.corpus(tmp_path / "corpus"), output=tmp_path / "report"
    )
    assert "No history has bits per character" in page(settings)
