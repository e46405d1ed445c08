"""Constraints of jobs and of rows, through the stage."""

import json
import re
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from tests.generation.jobs import rows_of, seed_file, settings_of
from textgen_core.errors import SettingsError
from textgen_core.generation.preview import continue_prompt
from textgen_core.generation.stage import generate
from textgen_core.models.directory import load_model
from textgen_core.progress import silent
from textgen_core.tokenization.tokenizers import load_tokenizer

SAMPLERS = {"all": {}, "greedy": {"strategy": "greedy"}, "beam": {"strategy": "beam", "n_best": 2}}
SCHEMA = {"type": "object", "properties": {"is": {"type": "boolean"}, "n": {"type": "integer"}}, "required": ["is"]}


def test_every_text_obeys_the_job_or_its_row(tmp_path, transformer):
    rows = [
        {"id": "job", "prompt": "a"},
        {"id": "regex", "prompt": "a", "regex": r"\d{3}"},
        {"id": "choices", "prompt": "b", "choices": ["yes", "no", "perhaps"]},
        {"id": "as text", "prompt": "b", "choices": '["yes", "no", "perhaps"]'},
        {"id": "schema", "prompt": "c", "json_schema": SCHEMA, "max_new_tokens": 25},
        {"id": "exact", "prompt": "c", "regex": "exact", "max_new_tokens": 5},
    ]
    content = "\n".join(map(json.dumps, rows))
    settings = settings_of(tmp_path, transformer, content, name="s.jsonl", samplers=SAMPLERS, regex="[a-c]{2,8}z")
    facts = generate(settings, silent).facts
    assert not facts["rejects"]
    found = rows_of(settings)
    assert len(found) == len(rows) * (2 + 1 + 2) - 1  # no second beam where there is but one text
    patterns = {"job": "[a-c]{2,8}z", "regex": r"\d{3}", "exact": "exact"}
    patterns |= dict.fromkeys(("choices", "as text"), "yes|no|perhaps")
    for row in found:
        if row["seed_id"] == "schema":
            value = json.loads(row["text"])
            assert isinstance(value["is"], bool) and isinstance(value.get("n", 0), int)
        else:
            assert re.fullmatch(patterns[row["seed_id"]], row["text"])
        budget = {"schema": 25, "exact": 5}.get(row["seed_id"], settings.max_new_tokens)
        assert row["finish_reason"] == ("length" if row["n_tokens"] == budget else "end")


def test_rows_that_can_not_be_kept_are_refused_at_once(tmp_path, rnn):
    content = "\n".join(
        [
            "id\tprompt\tregex\tchoices\tmax_new_tokens\tstop\tbanned_phrases",
            "good\ta\t[ab]{2}\t\t\t\t",
            "free\ta\t\t\t\t\t",
            "syntax\ta\t(\t\t\t\t",
            "huge\ta\t(a{1,500}){1,500}\t\t\t\t",
            "backreference\ta\t(a)\\1\t\t\t\t",
            "long\ta\ta{40}\t\t\t\t",
            "budget\ta\tabc\t\t2\t\t",
            "two\ta\ta\t[1]\t\t\t",
            "list\ta\t\tyes\t\t\t",
            "stopped\ta\tab\t\t\tb\t",
            "banned\ta\tab\t\t\t\tb",
        ]
    )
    settings = settings_of(tmp_path, rnn, content, name="s.tsv", max_reject_share=1.0)
    assert generate(settings, silent).facts["rejected_bad-constraint"] == 9
    assert {row["seed_id"] for row in rows_of(settings)} == {"good", "free"}
    messages = [row["message"] for row in rows_of(settings, "rejects")]
    reasons = ["re", "within", "regular", "40 tokens", "3 tokens", "one", "JSON list", "stop", "banned"]
    for message, said in zip(messages, reasons, strict=True):
        assert said in message


HOSTILE = {
    "sampler": ["x"],
    "regex": b"a",
    "choices": date(2026, 1, 1),
    "json_schema": f'{{"type": "number", "minimum": 1{"0" * 400}}}',
    "stop": {"a": 1},
    "logit_bias": 3,
}


@pytest.mark.parametrize("knob", HOSTILE)
def test_a_cell_of_any_type_costs_its_row_at_most(tmp_path, rnn, knob):
    rows = [{"id": "hostile", "prompt": "a", knob: HOSTILE[knob]}, {"id": "good", "prompt": "a", knob: None}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "s.parquet")
    content = (tmp_path / "s.parquet").read_bytes()
    settings = settings_of(tmp_path, rnn, content, name="s.parquet", max_reject_share=1.0)
    generate(settings, silent)
    assert {row["seed_id"] for row in rows_of(settings)} == {"good"}
    assert [row["code"] for row in rows_of(settings, "rejects")] in (["bad-knob"], ["bad-constraint"])


IMPOSSIBLE = {
    "regex and choices are given": {"regex": "a", "choices": ["a"]},
    "must be one of Python's re": {"regex": "("},
    "JSON": {"json_schema": "{"},
    "what can be kept": {"json_schema": {"type": "array"}},
    "at least 1 item": {"choices": []},
    "the shortest needs 13 tokens": {"regex": "a{13}"},
    "must compile within 200000 nodes": {"regex": "(a{1,500}){1,500}"},
    "must not be ended before it obeys.*stop": {"regex": "a", "stop": ["a"]},
    "must not be ended before it obeys.*loop_length": {"regex": "a", "samplers": {"x": {"loop_length": 3}}},
    "must not be banned.*banned_phrases": {"regex": "a+", "samplers": {"x": {"banned_phrases": ["a"]}}},
    "must not be banned.*no_repeat_ngram": {
        "regex": "a{12}",
        "samplers": {"x": {"strategy": "beam", "no_repeat_ngram": 1}},
    },
    "must not be banned.*min_new_tokens": {"choices": ["a"], "samplers": {"x": {"min_new_tokens": 2}}},
    "must have a value that obeys it": {"json_schema": {"allOf": [{"type": "null"}, {"type": "string"}]}},
}


@pytest.mark.parametrize("rule", IMPOSSIBLE)
def test_a_job_that_can_not_be_kept_is_one_error(tmp_path, rnn, rule):
    with pytest.raises((SettingsError, ValidationError), match=rule):
        generate(settings_of(tmp_path, rnn, seed_file(2), **IMPOSSIBLE[rule]), silent)


def test_a_prompt_in_the_hand_is_continued_as_the_job_does(tmp_path, rnn):
    settings = settings_of(tmp_path, rnn, "prompt\nonce", samplers={"all": {}}, samples=1, regex="(un|deux|trois| )+")
    generate(settings, silent)
    pieces = continue_prompt(load_model(rnn), load_tokenizer(rnn), "once", settings)
    assert "".join(pieces) == rows_of(settings)[0]["text"]
