"""Schemas that are combined and bounded, against an independent validator."""

import json
from contextlib import suppress

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.contracts.test_tokenizers import FITTED
from tests.decoding.constraints.test_pattern import accepts
from tests.decoding.constraints.test_schema import drawn
from tests.decoding.constraints.vocabularies import compiled
from textgen_core.decoding.constraints.building import automaton
from textgen_core.decoding.constraints.demands import MOST_RECURSION
from textgen_core.decoding.constraints.schema import json_schema
from textgen_core.errors import SettingsError

jsonschema = pytest.importorskip("jsonschema")

SHORT = {"type": "string", "maxLength": 3}
TAGGED = [
    {"type": "object", "properties": {"kind": {"const": "dot"}, "x": {"type": "integer"}}, "required": ["kind"]},
    {"type": "object", "properties": {"kind": {"enum": ["line", "way"]}, "to": SHORT}, "required": ["kind", "to"]},
]
TREE = {
    "$ref": "#/$defs/tree",
    "$defs": {
        "tree": {
            "type": "object",
            "properties": {"v": {"type": "boolean"}, "of": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
            "required": ["v"],
        }
    },
}
SCHEMAS = {
    "tagged": {"oneOf": TAGGED},
    "all of objects": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}, "required": ["a"]},
            {"properties": {"a": {"maximum": 40}, "b": {"type": "null"}}, "required": ["b"]},
        ]
    },
    "all of a reference": {
        "$defs": {"n": {"type": "number"}},
        "allOf": [{"$ref": "#/$defs/n"}],
        "exclusiveMinimum": 0.25,
    },
    "any of, and bounds": {"anyOf": [{"type": "integer"}, {"type": "null"}], "minimum": -5, "exclusiveMaximum": 17.5},
    "number": {"type": "number", "minimum": -1.5, "exclusiveMaximum": 2},
    "one of strings": {"oneOf": [{"type": "string", "pattern": "^a+$"}, {"type": "string", "maxLength": 2}]},
    "pattern and length": {"type": "string", "pattern": "b", "minLength": 2, "maxLength": 4},
    "tuple": {"type": "array", "prefixItems": [{"type": "boolean"}, SHORT], "minItems": 1, "maxItems": 2},
    "longer tuple": {"type": "array", "prefixItems": [{"type": "null"}], "items": {"enum": [1, 2]}, "minItems": 2},
    "map": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 9}},
    "tree": TREE,
    "enum and pattern": {"type": "string", "enum": ["ab", "ba", "cb"], "pattern": "^.b"},
    "enum and bounds": {"enum": [1, 2.5, 3.0, 40, "x"], "type": "number", "maximum": 3},
    "address": {"type": "string", "format": "ipv4"},
    "leap days": {"type": "string", "format": "date", "pattern": "-02-29$"},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_outputs_are_valid(name):
    tokenizer = FITTED["bpe"]
    rule = compiled("json_schema", SCHEMAS[name], tokenizer)
    checked = jsonschema.Draft202012Validator.FORMAT_CHECKER
    for seed in range(25):
        text = tokenizer.decode(drawn(rule, rule.shortest + seed * 3, seed))
        jsonschema.validate(json.loads(text), SCHEMAS[name], jsonschema.Draft202012Validator, format_checker=checked)


def test_recursion_ends_at_its_depth():
    dfa = automaton(json_schema(json.dumps(TREE)))
    deepest = {"v": True}
    for depth in range(MOST_RECURSION + 3):
        assert accepts(dfa, json.dumps(deepest).encode()) == (depth <= MOST_RECURSION)
        deepest = {"v": True, "of": [deepest]}
    endless = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
    with pytest.raises(SettingsError, match="spell"):
        compiled("json_schema", endless, FITTED["bpe"])


NUMBERS = st.sampled_from([-2, 0, 1, 2, 1.5, 3])
LEAVES = st.one_of(
    st.fixed_dictionaries({"type": st.just("integer")}, optional={"minimum": NUMBERS, "exclusiveMaximum": NUMBERS}),
    st.fixed_dictionaries({"type": st.just("number")}, optional={"exclusiveMinimum": NUMBERS, "maximum": NUMBERS}),
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={"minLength": st.integers(0, 2), "maxLength": st.integers(0, 2), "pattern": st.sampled_from("ab")},
    ),
    st.sampled_from([{"type": "null"}, {"type": ["null", "string"]}, {"const": 1}, {"enum": ["a", 2, None, 1.5]}]),
    st.just({"minimum": 1, "minLength": 1}),
)


def grown(inner):
    names = st.sampled_from(["x", "y"])
    of_object = {"properties": st.dictionaries(names, inner, min_size=1), "required": st.sets(names).map(sorted)}
    return st.one_of(
        st.tuples(st.sampled_from(["allOf", "anyOf", "oneOf"]), st.lists(inner, min_size=1, max_size=3)).map(
            lambda pair: dict([pair])
        ),
        st.fixed_dictionaries(
            {"type": st.just("object"), **of_object}, optional={"additionalProperties": st.booleans()}
        ),
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner}, optional={"minItems": st.integers(0, 2), "maxItems": st.just(2)}
        ),
    )


FREE = [None, -2, 0, 1, 2, 3, 1.5, -0.5, "", "a", "b", "ab", "ba", "abc"]
OBJECTS = [{}, *({"x": a} for a in FREE[:9]), *({"y": a} for a in FREE[:9]), *({"x": a, "y": 1} for a in FREE)]
VALUES = [*FREE, [], *([a] for a in FREE), [1, 2], ["a", "a"], [None, 1.5], *OBJECTS, [{"x": 1}], {"x": {"y": None}}]


@settings(max_examples=120, deadline=None)
@given(schema=st.recursive(LEAVES, grown, max_leaves=5))
def test_just_the_values_that_a_validator_takes(schema):
    try:
        dfa = automaton(json_schema(json.dumps(schema)))
    except SettingsError as error:
        assert "obeys" in str(error) or "ask only" in str(error)
        return
    validator = jsonschema.Draft202012Validator(schema)
    for value in VALUES:
        said = accepts(dfa, json.dumps(value).encode())
        assert not said or validator.is_valid(value), value
        if not isinstance(value, (dict, list)):  # objects are written in one order, and without what is not named
            assert said == validator.is_valid(value) or isinstance(value, float), value


@settings(max_examples=60, deadline=None)
@given(schema=grown(LEAVES))
def test_objects_and_lists_that_are_valid_may_come_out(schema):
    assume(schema.get("type") in ("object", "array"))
    with suppress(SettingsError):
        dfa = automaton(json_schema(json.dumps(schema)))
        validator = jsonschema.Draft202012Validator(schema)
        names = list(schema.get("properties", ()))
        for value in VALUES:
            named = not isinstance(value, dict) or list(value) == [name for name in names if name in value]
            if named and validator.is_valid(value):
                assert accepts(dfa, json.dumps(value).encode()), value
