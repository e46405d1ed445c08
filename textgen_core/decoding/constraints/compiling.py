"""Constraints, and what compiles them for a tokenizer."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textgen_core.decoding.constraints.automaton import TokenAutomaton
from textgen_core.decoding.constraints.building import automaton
from textgen_core.decoding.constraints.choices import choices
from textgen_core.decoding.constraints.language import Language
from textgen_core.decoding.constraints.limits import MOST_CHARACTERS, Meter, Size
from textgen_core.decoding.constraints.pattern import parse
from textgen_core.decoding.constraints.pieces import Pieces
from textgen_core.decoding.constraints.schema import json_schema
from textgen_core.decoding.constraints.tokens import over_tokens
from textgen_core.errors import SettingsError
from textgen_core.tokenization.interface import Tokenizer

KINDS: dict[str, Callable[[str], Language]] = {"regex": parse, "choices": choices, "json_schema": json_schema}
"""From the text of a constraint to what it allows, by the names of the settings."""

REMEMBERED = 256
"""Constraints kept compiled; seeds that share one mostly stand near each other."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """What every output must be. text: a regular expression, a JSON list of strings or a JSON schema."""

    kind: str
    text: str

    @classmethod
    def of(cls, kind: str, value: Any) -> Constraint:
        """From a setting or a cell: text, or what the JSON says.

        Raises:
            SettingsError: it is neither, as a cell of bytes or of a date.
        """
        if isinstance(value, str):
            return cls(kind, value)
        try:
            return cls(kind, json.dumps(value))
        except TypeError as error:
            raise SettingsError(f"{kind} must be text, or what JSON can say", str(error), "Write it as text") from None


class Compiler:
    """Compiles constraints for one tokenizer, each once.

    Args:
        size: of its automata at most.
    """

    def __init__(self, tokenizer: Tokenizer, size: Size) -> None:
        self._pieces = Pieces(tokenizer)
        self._size = size
        self._known: OrderedDict[Constraint, TokenAutomaton | SettingsError] = OrderedDict()

    def compile(self, constraint: Constraint) -> TokenAutomaton:
        """The automaton of a constraint.

        Raises:
            SettingsError: it is none, no text obeys it, or it exceeds a limit.
        """
        if constraint not in self._known:
            self._known[constraint] = self._tried(constraint)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(constraint)
        found = self._known[constraint]
        if isinstance(found, SettingsError):
            raise found
        return found

    def _tried(self, constraint: Constraint) -> TokenAutomaton | SettingsError:
        try:
            Meter(MOST_CHARACTERS, "characters").spend(len(constraint.text))
            return over_tokens(automaton(KINDS[constraint.kind](constraint.text)), self._pieces, self._size)
        except SettingsError as error:
            return error
