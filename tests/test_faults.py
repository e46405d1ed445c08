"""What is wrong with settings is said by the names that were written, with the nearest that would have been right."""

from typing import Annotated, Literal

import pytest
from pydantic import Field, model_validator

from textgen_core.config import Config
from textgen_core.errors import SettingsError
from textgen_core.settings import Settings, validated


class Sampler(Settings):
    top_p: float = Field(default=1.0, gt=0, le=1)
    top_k: int | None = None


class Round(Settings):
    shape: Literal["round"] = "round"
    radius: int = 1


class Square(Settings):
    shape: Literal["square"] = "square"
    side: int = 1

    @model_validator(mode="after")
    def _even(self):
        if self.side % 2:
            raise ValueError(f"side ({self.side}) must be even")
        return self


class Whole(Settings):
    name: str
    samplers: dict[str, Sampler] = Field(default={})
    form: Annotated[Round | Square, Field(discriminator="shape")] = Round()
    pairs: tuple[Sampler, ...] = ()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "name must be given"),
        ({"nam": "x", "name": "y"}, "nam: no such setting; did you mean name?"),
        ({"qqq": 1, "name": "y"}, "qqq: no such setting; there are name, samplers, form, pairs"),
        ({"name": "y", "samplers": {"a": {"top_pp": 0.5}}}, "samplers.a.top_pp: no such setting; did you mean top_p?"),
        (
            {"name": "y", "samplers": {"top_p": {"topk": 5}}},
            "samplers.top_p.topk: no such setting; did you mean top_k?",
        ),
        ({"name": "y", "samplers": {"a": {"top_p": 2}}}, "samplers.a.top_p: input should be less than or equal to 1"),
        ({"name": "y", "samplers": {"a": {"top_p": 2}}}, "received: 2"),
        ({"name": "y", "form": {"shape": "round", "side": 2}}, "form.side: belongs to square, not to round"),
        ({"name": "y", "form": {"shape": "square", "sid": 2}}, "form.sid: no such setting; did you mean side?"),
        ({"name": "y", "form": {"shape": "square", "side": 3}}, "form: side (3) must be even"),
        ({"name": "y", "form": {"shape": "oval"}}, "received: oval"),
        ({"name": "y", "pairs": [{}, {"top_k": "no"}]}, "pairs.1.top_k: input should be a valid integer"),
    ],
)
def test_a_fault_is_told_by_the_names_that_were_written(values, told):
    with pytest.raises(SettingsError) as caught:
        validated(Whole, values, "config.yaml")
    message = str(caught.value)
    assert told in message
    assert "Value error" not in message and "{" not in message and "\n" not in message


@pytest.mark.parametrize(
    ("seeds", "told"),
    [
        ({"count": "four"}, "seeds.count: input should be a valid integer"),
        ({"cuont": 4}, "seeds.cuont: no such setting; did you mean count?"),
    ],
)
def test_seeds_that_are_drawn_or_a_file_are_told_apart_by_what_was_written(seeds, told):
    values = {"output": "out", "ingestion": {"inputs": ["a.txt"]}, "seeds": seeds}
    with pytest.raises(SettingsError, match=r"received|did you mean") as caught:
        validated(Config, values, "config.yaml")
    assert told in str(caught.value)
    assert "[" not in str(caught.value)


def test_a_fault_of_settings_that_clash_is_told_by_itself():
    with pytest.raises(SettingsError, match=r"^a row must be valid; received: side \(3\) must be even$"):
        validated(Square, {"side": 3}, "a row")
