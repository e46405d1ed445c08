"""Constraints of jobs and of rows, through the stage."""

import json
import re

import pytest

from tests.generation.test_job import rows_of, seed_file, settings_of
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


IMPOSSIBLE = {
    "two": {"regex": "a", "choices": ["a"]},
    "wrong": {"regex": "("},
    "no JSON": {"json_schema": "{"},
    "unsupported": {"json_schema": {"type": "array"}},
    "none": {"choices": []},
    "too long": {"regex": "a{13}"},
    "too large": {"regex": "(a{1,500}){1,500}"},
    "stopped": {"regex": "a", "stop": ["a"]},
    "looping": {"regex": "a", "samplers": {"x": {"loop_length": 3}}},
    "banned": {"regex": "a+", "samplers": {"x": {"banned_phrases": ["a"]}}},
    "not twice": {"regex": "a{12}", "samplers": {"x": {"strategy": "beam", "no_repeat_ngram": 1}}},
    "too soon": {"choices": ["a"], "samplers": {"x": {"min_new_tokens": 2}}},
    "contradicting": {"json_schema": {"allOf": [{"type": "null"}, {"type": "string"}]}},
}


@pytest.mark.parametrize("options", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_job_that_can_not_be_kept_is_one_error(tmp_path, rnn, options):
    with pytest.raises((SettingsError, ValueError)):
        generate(settings_of(tmp_path, rnn, seed_file(2), **options), silent)


def test_a_prompt_in_the_hand_is_continued_as_the_job_does(tmp_path, rnn):
    settings = settings_of(tmp_path, rnn, "prompt\nonce", samplers={"all": {}}, samples=1, regex="(un|deux|trois| )+")
    generate(settings, silent)
    pieces = continue_prompt(load_model(rnn), load_tokenizer(rnn), "once", settings)
    assert "".join(pieces) == rows_of(settings)[0]["text"]
