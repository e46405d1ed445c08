"""Every code that a stage can write has a meaning on the page, and the page has no other."""

import ast
from pathlib import Path

import pytest

from textgen_core.datasets.rejects import REJECT_CODES
from textgen_core.ingestion.cleaning import CLEANING
from textgen_core.ingestion.refusing import ON_PURPOSE

CORE = Path(__file__).parents[2] / "textgen_core"
PLACE = {"Reject": 1, "Refusal": 0, "SourceRefused": 0}
"""Where in a call the code stands."""
TAKEN_OVER = {
    "ingestion/rows.py": ["code"],  # what SourceRefused was given
    "ingestion/supply.py": ["source.problem.code"],  # of a Reject
    "ingestion/reuse.py": ["row['code']"],  # of an earlier run with the same code version
    "ingestion/refusing.py": ["code", "step"],  # tables of codes: see below
}
"""Codes that a call takes from elsewhere."""


def calls():
    """(file, expression of the code) of every call that makes a reject."""
    for path in sorted(CORE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in PLACE:
                yield path.relative_to(CORE).as_posix(), node.args[PLACE[node.func.id]]


def table(path, name):
    """The keys of a literal dict of a module."""
    for node in ast.parse((CORE / path).read_text()).body:
        if isinstance(node, ast.AnnAssign) and node.target.id == name:
            return {key.value for key in node.value.keys}
    raise AssertionError(f"{path} has no {name}")


def cleaning_steps_that_refuse():
    """By their annotations: those that may give None."""
    return {step for step, function in CLEANING.items() if "None" in str(getattr(function, "__annotations__", {}))}


def test_each_code_is_told_and_each_that_is_told_occurs():
    written = {code.value for _, code in calls() if isinstance(code, ast.Constant)}
    written |= table("ingestion/refusing.py", "_REFUSALS") | cleaning_steps_that_refuse()
    assert written == set(REJECT_CODES)


def test_codes_come_from_nowhere_else():
    found = {}
    for path, code in calls():
        if not isinstance(code, ast.Constant):
            found.setdefault(path, []).append(ast.unparse(code))
    assert found == TAKEN_OVER


@pytest.mark.parametrize("code", sorted(ON_PURPOSE - set(CLEANING)))
def test_what_is_refused_on_purpose_is_a_code(code):
    assert code in REJECT_CODES
