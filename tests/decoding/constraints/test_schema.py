"""What a schema allows is JSON that obeys it."""

import json
import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.test_tokenizers import FITTED
from tests.decoding.constraints.test_pattern import accepts
from tests.decoding.constraints.vocabularies import END, compiled, next_tokens
from textgen_core.decoding.constraints.building import automaton
from textgen_core.decoding.constraints.choices import choices
from textgen_core.decoding.constraints.integers import GREATEST, integers
from textgen_core.decoding.constraints.schema import json_schema
from textgen_core.errors import SettingsError

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 5},
        "age": {"type": "integer", "minimum": 0, "exclusiveMaximum": 120},
        "tags": {"type": "array", "items": {"enum": ["red", 'a "b"', 3, None]}, "minItems": 1, "maxItems": 2},
        "score": {"type": ["number", "null"]},
        "home": {"$ref": "#/$defs/Home"},
    },
    "required": ["age"],
    "additionalProperties": False,
    "$defs": {
        "Home": {"type": "object", "properties": {"zip": {"type": "string", "pattern": '^[0-9"\\\\]{5}$'}}},
    },
}
SCHEMAS = {
    "person": PERSON,
    "one of two": {"anyOf": [{"type": "boolean"}, {"type": "array", "items": {"type": "integer"}, "maxItems": 3}]},
    "const": {"const": {"a": [1, 2.5, "é\n"]}},
    "enum of a type": {"type": "integer", "enum": [1, True, "x", 22, None]},
    "date": {"type": "string", "format": "date"},
    "none": {"type": "array", "items": {"type": "null"}, "maxItems": 0},
}


def drawn(automaton, room, seed):
    """Tokens chosen by chance among those allowed."""
    draw = random.Random(seed)
    tokens, state = [], 0
    while len(tokens) < room:
        allowed = next_tokens(automaton, state, room - len(tokens))
        token = END if END in allowed and draw.random() < 0.3 else draw.choice(allowed)
        if token == END:
            break
        tokens.append(token)
        state = automaton.after(state, token)
    return tokens


def is_obeyed(value, name):
    """By hand, for the schemas above."""
    match name:
        case "person":
            assert set(value) <= set(PERSON["properties"])
            assert type(value["age"]) is int and 0 <= value["age"] < 120
            assert 1 <= len(value.get("name", "x")) <= 5
            assert 1 <= len(value.get("tags", [3])) <= 2
            assert all(tag in ("red", 'a "b"', 3, None) for tag in value.get("tags", []))
            assert isinstance(value.get("score"), (float, int, type(None)))
            assert set(value.get("home", {})) <= {"zip"}
            code = value.get("home", {}).get("zip", "00000")
            assert len(code) == 5 and set(code) <= set('0123456789"\\')
        case "one of two":
            assert isinstance(value, bool) or (len(value) <= 3 and all(type(item) is int for item in value))
        case "const":
            assert value == SCHEMAS[name]["const"]
        case "enum of a type":
            assert type(value) is int and value in (1, 22)
        case "date":
            __import__("datetime").date.fromisoformat(value)
        case "none":
            assert value == []


@pytest.mark.parametrize("kind", ["byte", "char", "bpe"])
@pytest.mark.parametrize("name", SCHEMAS)
def test_outputs_parse_and_obey(name, kind):
    tokenizer = FITTED[kind]
    rule = compiled("json_schema", SCHEMAS[name], tokenizer)
    for seed in range(40):
        room = rule.shortest + seed * 3
        value = json.loads(tokenizer.decode(drawn(rule, room, seed)))
        is_obeyed(value, name)
        validate = pytest.importorskip("jsonschema").validate
        validate(value, SCHEMAS[name])


def accepted(schema, value, **style):
    dfa = automaton(json_schema(json.dumps(schema)))
    return accepts(dfa, json.dumps(value, ensure_ascii=False, **style).encode())


@given(least=st.integers(-2000, 2000), width=st.integers(-1, 3000), values=st.lists(st.integers(-6000, 6000)))
@settings(max_examples=100, deadline=None)
def test_ranges_of_integers(least, width, values):
    dfa = automaton(integers(least, least + width))
    for value in {*values, least - 1, least, least + width, least + width + 1, 0}:
        assert accepts(dfa, str(value).encode()) == (least <= value <= least + width)
    for text in ("", "-", "007", "-0", "+1", "1.0"):
        assert not accepts(dfa, text.encode())


def test_integers_without_bounds():
    for value in (0, -1, GREATEST, -GREATEST, 10**9):
        assert accepted({"type": "integer"}, value)
    assert not accepted({"type": "integer"}, GREATEST + 1)
    assert not accepted({"type": "integer"}, True)


OBEYING = st.fixed_dictionaries(
    {"age": st.integers(0, 119)},
    optional={
        "name": st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=5),
        "tags": st.lists(st.sampled_from(["red", 'a "b"', 3, None]), min_size=1, max_size=2),
        "score": st.one_of(st.none(), st.integers(-(10**6), 10**6), st.sampled_from([0.5, -2.25, 1e-7])),
        "home": st.fixed_dictionaries({}, optional={"zip": st.text('0123456789"\\', min_size=5, max_size=5)}),
    },
)
PERSONS = automaton(json_schema(json.dumps(PERSON)))


@given(value=OBEYING, compact=st.booleans())
@settings(max_examples=100, deadline=None)
def test_all_that_obeys_may_come_out_in_the_written_order(value, compact):
    ordered = {name: value[name] for name in PERSON["properties"] if name in value}
    text = json.dumps(ordered, ensure_ascii=False, separators=(",", ":") if compact else None)
    assert accepts(PERSONS, text.encode())
    text = text.replace('"age"', '"agé"')
    assert not accepts(PERSONS, text.encode())


REFUSED = [
    {},
    True,
    [],
    {"type": "object"},
    {"type": "array"},
    {"type": "string", "format": "email"},
    {"type": "string", "pattern": "^(?=a)$"},
    {"type": "string", "pattern": "^a$", "maxLength": 3.5},
    {"type": "number", "minimum": "3"},
    {"type": "integer", "multipleOf": 3},
    {"type": "integer", "minimum": "3"},
    {"type": "array", "items": {"type": "null"}, "uniqueItems": True},
    {"oneOf": [{"type": "number"}, {"type": "number", "minimum": 3}]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {"allOf": [{"type": "null"}, {"type": "string"}]},
    {"allOf": []},
    {"type": "object", "properties": {"a": {"type": "null"}}, "minProperties": 1},
    {"anyOf": []},
    {"enum": "abc"},
    {"const": float("nan")},
    {"type": "strin"},
    {"$ref": "#"},
    {"$ref": "#/$defs/Nothing"},
    {"$ref": "other.json"},
    {"type": "object", "properties": {"a": {"type": "null"}}, "required": ["b"]},
    {"type": "object", "properties": {"a": {"type": "null"}}, "additionalProperties": 3},
    {"type": "string", "maxLength": -1},
]


@pytest.mark.parametrize("schema", REFUSED, ids=str)
def test_what_would_not_be_kept_is_refused(schema):
    with pytest.raises(SettingsError):
        json_schema(json.dumps(schema))


WORDS = ["type", "enum", "const", "anyOf", "$ref", "items", "properties", "required", "minimum", "maxLength", "pattern"]
WORDS += [
    "format",
    "minItems",
    "string",
    "integer",
    "object",
    "array",
    "number",
    "null",
    "#/$defs/a",
    "$defs",
    "a",
    "^a$",
]
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.sampled_from(WORDS)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)),
    max_leaves=12,
)


@given(schema=ANYTHING)
@settings(max_examples=300, deadline=None)
def test_any_json_is_read_or_refused(schema):
    with suppress(SettingsError):
        json_schema(json.dumps(schema))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "null"])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(SettingsError):
        json_schema(text)


@given(options=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5), other=st.text())
def test_choices_are_just_these(options, other):
    dfa = automaton(choices(json.dumps(options)))
    assert all(accepts(dfa, option.encode()) for option in options)
    other = other.encode("utf-8", "replace")
    assert accepts(dfa, other) == (other.decode() in options)


@pytest.mark.parametrize("text", ["", "yes", "[]", '["a", 1]', '{"a": 1}', "[" * 100_000])
def test_what_is_no_list_of_strings_is_refused(text):
    with pytest.raises(SettingsError, match="JSON list of strings"):
        choices(text)
