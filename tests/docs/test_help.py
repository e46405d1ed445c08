"""Whoever asks a command for help gets an answer to every question that its usage raises."""

import re

import pytest

from flows.cli.app import COMMANDS
from flows.cli.examples import EXAMPLES
from flows.cli.reference import PATH

SECTIONS = re.split(r"^## textgen ", PATH.read_text(), flags=re.M)[1:]
ENTRY = re.compile(r"^\* `(?P<names>[^`]+)`: *(?P<text>.*)$", re.M)


def test_every_command_has_an_example():
    assert set(EXAMPLES) == set(COMMANDS) - {"down"}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.split("\n")[0])
def test_every_argument_and_option_is_explained(section):
    for entry in ENTRY.finditer(section):
        told = re.sub(r"\\?\*?\[.*?\]\*?|\*\*\[required\]\*\*", "", entry["text"])
        assert len(told.split()) >= 3, entry["names"]
        assert re.match(r"[A-Z`]|[\w-]+(, [\w-]+)*: |greedy|lstm|bpe|warm|auto|bfloat16", told), entry["names"]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.split("\n")[0])
def test_values_have_placeholders_of_one_kind(section):
    options = [entry["names"] for entry in ENTRY.finditer(section) if entry["names"].startswith("--")]
    values = {word for names in options for word in re.findall(r" ([A-Z=.]+)", names)}
    assert values <= {"NUMBER", "TEXT", "CHOICE", "PATH", "DIR", "KEY=VALUE"}
