"""Flags come from the settings: whatever a configuration can say, a command line can say."""

import inspect
import json
from pathlib import Path

import pytest
from cyclopts import App
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from flows.cli.fields import leaves, members
from flows.cli.flags import READERS, collect, flags_of, settings_from
from flows.cli.parameters import with_flags
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.errors import SettingsError
from textgen_core.evaluation.settings import EvaluationOptions
from textgen_core.generation.settings import GenerationOptions
from textgen_core.ingestion.settings import IngestionOptions
from textgen_core.models.settings import CNNSettings, NgramSettings, RNNSettings, TransformerSettings
from textgen_core.reporting.settings import ReportingOptions
from textgen_core.seeding.settings import SeedingOptions
from textgen_core.settings import OUTSIDE_KEY
from textgen_core.stages import STAGES
from textgen_core.tokenization.settings import (
    ByteSettings,
    CharSettings,
    SubwordSettings,
    TokenizationOptions,
    WordSettings,
)
from textgen_core.training.settings import TrainingOptions

CLASSES = [
    IngestionOptions,
    TokenizationOptions,
    TrainingOptions,
    GenerationOptions,
    EvaluationOptions,
    ReportingOptions,
    SeedingOptions,
    SamplerSettings,
]

counts = st.integers(1, 5000)
shares = st.floats(0, 1, exclude_max=True)
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
names = st.text("abcdefgh-", min_size=1, max_size=8).filter(lambda name: not name.startswith("-"))

tokenizers = st.one_of(
    st.builds(CharSettings, min_count=counts, fallback=st.sampled_from(["bytes", "unknown"])),
    st.builds(ByteSettings),
    st.builds(WordSettings, vocab_size=st.integers(8, 9999)),
    st.builds(SubwordSettings, algorithm=st.sampled_from(["bpe", "unigram"]), vocab_size=st.integers(258, 9999)),
)
models = st.one_of(
    st.builds(RNNSettings, cell=st.sampled_from(["lstm", "gru"]), units=counts, embedding=st.none() | counts),
    st.builds(CNNSettings, kernel=st.integers(2, 9), dilation_cycle=st.integers(1, 9), tied=st.booleans()),
    st.builds(TransformerSettings, context=st.integers(4096, 9999), dropout=shares),
)
samplers = st.one_of(
    st.builds(SamplerSettings, strategy=st.just("greedy")),
    st.builds(SamplerSettings, strategy=st.just("sample"), temperature=st.floats(0, 100), top_k=st.none() | counts),
    st.builds(SamplerSettings, min_p=shares, top_n_sigma=st.none() | counts, order=st.just(("min_p", "top_n_sigma"))),
    st.builds(SamplerSettings, strategy=st.just("beam"), beams=st.integers(5, 64), n_best=st.integers(1, 5)),
)
VALUES = {
    IngestionOptions: st.builds(
        dict,
        inputs=st.lists(words, min_size=1, max_size=3),
        cleaning=st.lists(st.sampled_from(["nfc", "strip", "lower"])),
        keep_columns=st.just("all") | st.lists(names, max_size=3),
        column_types=st.dictionaries(names, st.sampled_from(["string", "int64"]), max_size=2),
        deduplicate=st.booleans(),
        max_reject_share=shares,
        split=st.builds(dict, method=st.sampled_from(["hash", "tail"]), validation=st.floats(0, 0.5)),
    ),
    TokenizationOptions: st.builds(dict, tokenizer=tokenizers),
    TrainingOptions: st.builds(dict, model=models, batch_size=counts, patience=st.none() | counts, seed=counts)
    | st.builds(dict, model=st.builds(NgramSettings, order=st.integers(1, 16)), window=st.integers(2, 99)),
    GenerationOptions: st.builds(
        dict, samplers=st.dictionaries(names, samplers, min_size=1, max_size=3), stop=st.lists(words, max_size=2)
    ),
}


def tokens_of(value, flag):
    """A setting's value as it is typed after its flag."""
    if flag.shape == "switch":
        return [flag.names[0] if value else flag.names[0].replace("--", "--no-")]
    if flag.shape == "named":
        return [f"{flag.names[0]}={json.dumps({'name': name, **item})}" for name, item in value.items()]
    if flag.shape == "pairs":
        return [f"{flag.names[0]}={json.dumps({name: item})}" for name, item in value.items()]
    if flag.shape == "many":
        return [f"{flag.names[0]}={item}" for item in ([value] if isinstance(value, str) else value)]
    return [f"{flag.names[0]}={'none' if value is None else value}"]


def at(document, path):
    for name in path:
        if not isinstance(document, dict) or name not in document:
            return None, False
        document = document[name]
    return document, True


def through_the_command_line(kind, given):
    """Settings read from flags that say the same as a document of plain values."""
    flags = flags_of(kind)
    read = {}

    def command(**given):
        read.update(collect(flags, given))
        return 0

    app = App(result_action="return_value")
    app.default(with_flags(command, flags))
    found = [(flag, *at(given, flag.path)) for flag in flags]
    app([token for flag, value, there in found if there for token in tokens_of(value, flag)], exit_on_error=False)
    return settings_from(kind, read, flags)


def plain(values):
    """Settings inside a document as plain values."""
    if isinstance(values, BaseModel):
        return values.model_dump(mode="json", exclude_unset=True) | {
            name: getattr(values, name) for name in ("kind", "family") if hasattr(values, name)
        }
    if isinstance(values, dict):
        return {name: plain(value) for name, value in values.items()}
    return values


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(deadline=None, max_examples=30)
def test_flags_and_yaml_give_the_same_settings(kind, data):
    given = plain(data.draw(VALUES[kind]))
    given = {name: value for name, value in given.items() if value != [] and value != {}}
    assert through_the_command_line(kind, given) == kind.model_validate(given)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_field_has_one_flag_of_its_own_name_and_a_help_text(kind):
    flags = flags_of(kind)
    assert {flag.path for flag in flags} == {leaf.path for leaf in leaves(kind)}
    named = [name for flag in flags for name in flag.names]
    assert len(named) == len(set(named))
    assert all(len(flag.help) > 15 for flag in flags), [flag.names for flag in flags if len(flag.help) <= 15]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_shown_defaults_are_the_defaults(kind):
    """A default that the help shows, typed out, changes nothing."""
    required = {"inputs": ["a.txt"]} if kind is IngestionOptions else {}
    expected = kind.model_validate(required)
    for flag in flags_of(kind):
        if flag.default in (None, "the preset's") or flag.shape in READERS:
            continue
        value = {"yes": True, "no": False}.get(flag.default, flag.default)
        values = required | collect(
            [flag, *(other for other in flags_of(kind) if other.implied)], {flag.identifier: value}
        )
        try:
            found = kind.model_validate(values)
        except ValidationError:
            assert kind is SamplerSettings or len(flag.path) > 1  # of no use to this strategy, or of another variant
            continue
        shown, there = at(found.model_dump(mode="json"), flag.path)
        assert not there or shown == at(expected.model_dump(mode="json"), flag.path)[0] or len(flag.path) > 1


def test_a_variant_is_implied_where_only_its_fields_are_given():
    flags = flags_of(TokenizationOptions)
    assert collect(flags, {"tokenizer__vocab_size": "300"}) == {"tokenizer": {"vocab_size": 300, "kind": "subword"}}
    assert collect(flags, {}) == {}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"tokenizer__vocab_size": "many"}, "--vocab-size"),
        ({"tokenizer__vocab_size": "3"}, "--vocab-size"),
        ({"tokenizer__kind": "syllable"}, "--kind"),
        ({"tokenizer__kind": "byte", "tokenizer__vocab_size": "300"}, "--vocab-size"),
    ],
)
def test_errors_name_the_flag(given, named):
    flags = flags_of(TokenizationOptions)
    with pytest.raises(SettingsError, match=named):
        settings_from(TokenizationOptions, collect(flags, given), flags)


def test_errors_name_the_place_within_a_compound_value():
    flags = flags_of(GenerationOptions)
    with pytest.raises(SettingsError, match=r"--sampler \(a\.top_k\): .*; received: 0"):
        settings_from(GenerationOptions, collect(flags, {"samplers": ["name=a,top_k=0"]}), flags)


def test_with_flags_keeps_the_order_of_arguments():
    def command(first, /, *, own=1, **given):
        return 0

    kinds = [
        item.kind for item in inspect.signature(with_flags(command, flags_of(SamplerSettings))).parameters.values()
    ]
    assert kinds == sorted(kinds)


@pytest.mark.parametrize("name", STAGES)
def test_no_path_enters_a_run_key(name):
    """``Location | None`` loses its mark in pydantic; ``Annotated[Path | None, OUTSIDE_KEY]`` keeps it."""
    for field, info in STAGES[name].settings.model_fields.items():
        if Path in members(info.annotation):
            assert OUTSIDE_KEY in info.metadata, field
