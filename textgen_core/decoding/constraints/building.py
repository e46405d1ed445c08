"""From a language to its smallest automaton."""

from __future__ import annotations

from textgen_core.decoding.constraints.dfa import DFA
from textgen_core.decoding.constraints.language import Language
from textgen_core.decoding.constraints.limits import Budget
from textgen_core.decoding.constraints.minimising import minimal
from textgen_core.decoding.constraints.nfa import NFA
from textgen_core.decoding.constraints.subsets import deterministic


def automaton(language: Language, budget: Budget | None = None) -> DFA:
    """The one that accepts the UTF-8 of the texts of a language, and has the fewest states.

    Raises:
        SettingsError: it takes more than the budget of one constraint.
    """
    budget = budget or Budget()
    return minimal(deterministic(NFA(language, budget, automaton)), budget)
