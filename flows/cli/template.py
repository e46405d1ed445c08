"""The commented configuration. Every line comes from the settings classes: fields, defaults and docstrings.

A setting that has a default is commented out with its default, ``#name: value``; taking the ``#`` away changes
nothing until the value is changed. Explanations start with ``# ``.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from flows.cli.fields import is_model, literals, members
from textgen_core.comparison.settings import ComparisonSettings
from textgen_core.config import Config

WIDTH = 110
CONFIGS = Path(__file__).parents[2] / "deployments" / "configs"
HEAD = """\
# A pipeline of textgen. `textgen run THIS_FILE` runs it, `textgen run THIS_FILE --dry-run` says what that would do.
# `#name: value` is a setting at its default. To change it, take away its `#` and those of the headings above it.
"""

MORE = """\
# What else there is, at its defaults. To change a setting, take away its `#` and those of the headings above it.
"""


def template(corpus: str, output: str) -> str:
    """A configuration that runs as it stands.

    Args:
        corpus: an input of ingestion.
        output: the output directory.
    """
    config = Config.model_validate({"output": output, "ingestion": {"inputs": [corpus]}})
    lines = [line for name in Config.model_fields for line in _field(config, name, 0)]
    return HEAD + "\n".join(lines) + "\n"


def comparison(corpus: str, output: str, pairs: bool = False) -> str:
    """The example of a comparison, or of one by pairs, of another corpus and with another output directory, and its
    other settings."""
    example = CONFIGS / ("comparison-pairs.yaml" if pairs else "comparison.yaml")
    own = {"output": _yaml(output), "  inputs": f"[{json.dumps(corpus, ensure_ascii=False)}]"}
    lines = example.read_text("utf-8").splitlines()
    lines = [f"{key}: {own[key]}" if (key := line.split(":")[0]) in own else line for line in lines]
    given = yaml.safe_load("\n".join(lines))
    settings = ComparisonSettings.model_validate(given)
    more = [line for name in ComparisonSettings.model_fields if name not in given for line in _field(settings, name, 0)]
    return "\n".join([*lines, "", *MORE.splitlines(), *more]) + "\n"


def _field(settings: BaseModel, name: str, depth: int) -> Iterator[str]:
    """One setting: what it is, and its value."""
    field = type(settings).model_fields[name]
    value = getattr(settings, name)
    if depth == 0:
        yield ""
    yield from _comment(_about(field), depth)
    if isinstance(value, BaseModel):
        yield f"{_indent(depth)}{'' if _has_required(value) else '#'}{name}:"
        yield from _block(value, depth + 1)
        yield from _other_variants(field, value, depth + 1)
    elif isinstance(value, dict) and any(isinstance(item, BaseModel) for item in value.values()):
        yield f"{_indent(depth)}#{name}:"
        for key, item in value.items():
            yield f"{_indent(depth + 1)}#{key}:"
            yield from _block(item, depth + 2)
    else:
        yield from _what_it_holds(field, depth)
        mark = "" if field.is_required() else "#"
        yield f"{_indent(depth)}{mark}{name}: {_yaml(value)}"


def _block(settings: BaseModel, depth: int) -> Iterator[str]:
    for name in type(settings).model_fields:
        if _may_be_given(settings, name):
            yield from _field(settings, name, depth)


def _other_variants(field: FieldInfo, value: BaseModel, depth: int) -> Iterator[str]:
    """What the variants of a union that are not the default could be told."""
    tag = field.discriminator
    others = [kind for kind in members(field.annotation) if is_model(kind) and not isinstance(value, kind)]
    for kind in others if isinstance(tag, str) else []:
        name, *rest = _defaults(kind)
        yield from _comment(f"Or `{name}`, with {', '.join(rest) or 'nothing else'}.", depth)


def _what_it_holds(field: FieldInfo, depth: int) -> Iterator[str]:
    """What settings that are left out could be told."""
    for kind in filter(is_model, members(field.annotation)):
        yield from _comment(f"Or settings: `{{{', '.join(_defaults(kind))}}}`.", depth)


def _defaults(kind: type[BaseModel]) -> list[str]:
    """Each setting at its default; dots for one that has none."""
    fields = kind.model_fields.items()
    return [f"{name}: {'...' if item.is_required() else _yaml(item.default)}" for name, item in fields]


def _may_be_given(settings: BaseModel, name: str) -> bool:
    """Whether the setting may be written down at its default: some may not, such as the beams of a sampler."""
    if isinstance(getattr(settings, name), (BaseModel, dict)):
        return True
    given = settings.model_dump(mode="json", exclude_unset=True)
    default = settings.model_dump(mode="json", include={name})
    try:
        type(settings).model_validate({**default, **given})
    except ValidationError:
        return False
    return True


def _has_required(settings: BaseModel) -> bool:
    return any(field.is_required() for field in type(settings).model_fields.values())


def _about(field: FieldInfo) -> str:
    text = " ".join((field.description or "").split()).replace("``", "`")
    words = literals(members(field.annotation))
    return f"{text} One of: {', '.join(words)}." if len(words) > 1 else text


def _comment(text: str, depth: int) -> list[str]:
    indent = _indent(depth) + "# "
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _indent(depth: int) -> str:
    return "  " * depth


def _yaml(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_yaml, value))}]"
    if isinstance(value, (str, Path)):
        text = str(value)
        return text if _is_plain(text) else json.dumps(text, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False)  # JSON is YAML


def _is_plain(text: str) -> bool:
    """Whether YAML reads the text as itself without quotes, also inside a list."""
    try:
        return bool(yaml.safe_load(f"[{text}]") == [text])
    except yaml.YAMLError:
        return False
