"""Settings refuse what they don't know, and their canonical form holds exactly what can change an output."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from textgen_core.datasets import digests
from textgen_core.errors import SettingsError
from textgen_core.settings import OUTSIDE_KEY, Location, Settings, validated


class Inner(Settings):
    k: int = 1
    lanes: Annotated[int, OUTSIDE_KEY] = 1


class Outer(Settings):
    where: Location = Path("here")
    inner: Inner = Inner()
    named: dict[str, Inner] = Field(default={})
    several: tuple[Inner, ...] = ()


def test_the_canonical_form_leaves_out_what_can_not_change_the_output_at_any_depth():
    lanes = Inner(k=2, lanes=9)
    outer = Outer(where=Path("there"), inner=lanes, named={"a": lanes}, several=(lanes,))
    assert outer.canonical() == {"inner": {"k": 2}, "named": {"a": {"k": 2}}, "several": [{"k": 2}]}


class Cat(Settings):
    kind: Literal["cat"] = "cat"
    lives: int = 9
    basket: Location = Path("basket")


class Dog(Settings):
    kind: Literal["dog"] = "dog"
    lanes: Annotated[int, OUTSIDE_KEY] = 1


class Owner(Settings):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] = Cat()
    food: Location | Inner | None = None


@pytest.mark.parametrize(
    ("owner", "canonical"),
    [
        (Owner(), {"pet": {"kind": "cat", "lives": 9}, "food": None}),
        (Owner(pet=Dog(lanes=7)), {"pet": {"kind": "dog"}, "food": None}),
        (Owner(food=Inner(k=3, lanes=5)), {"pet": {"kind": "cat", "lives": 9}, "food": {"k": 3}}),
        (Owner(food=Path("bowl")), {"pet": {"kind": "cat", "lives": 9}}),
    ],
)
def test_what_is_outside_the_key_is_so_inside_a_union_too(owner, canonical):
    assert owner.canonical() == canonical


@given(st.integers(), st.integers(), st.text(max_size=5))
def test_a_digest_changes_with_every_field_in_the_key_and_with_none_outside(one, other, name):
    def digest(k: int, lanes: int) -> str:
        return digests.of_value(Outer(named={name: Inner(k=k, lanes=lanes)}).canonical())

    assert digest(one, 1) == digest(one, other)
    assert (digest(one, 1) == digest(other, 1)) == (one == other)


def test_an_unknown_key_is_one_error_that_names_source_field_and_what_is_known():
    with pytest.raises(SettingsError) as caught:
        validated(Outer, {"inner": {"kk": 3}}, "config.yaml")
    message = str(caught.value)
    assert "config.yaml" in message and "inner.kk" in message and "did you mean k?" in message


def test_settings_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Inner().k = 2
