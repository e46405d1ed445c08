"""Which constraint a seed's continuations are under: the job's, or the row's own."""

from __future__ import annotations

from collections.abc import Iterable

from textgen_core.decoding.constraints.automaton import TokenAutomaton
from textgen_core.decoding.constraints.bank import Bank
from textgen_core.decoding.constraints.compiling import KINDS, Compiler, Constraint
from textgen_core.decoding.constraints.limits import OF_JOB, OF_ROW
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.errors import SettingsError
from textgen_core.generation.seeds import Seed
from textgen_core.generation.settings import GenerationOptions
from textgen_core.tokenization.interface import Tokenizer


class Constraining:
    """Compiles what a job and its rows ask.

    Raises:
        SettingsError: the job's own constraint can't be kept.
    """

    def __init__(self, options: GenerationOptions, tokenizer: Tokenizer) -> None:
        self._of_rows = Compiler(tokenizer, OF_ROW)
        self._own = None
        if options.constraint is not None:
            self._own = Compiler(tokenizer, OF_JOB).compile(options.constraint)
            _check(self._own, options, options.samplers.values())

    def bank(self, vocab: int, columns: Iterable[str]) -> Bank | None:
        """Room for the constraints of a job whose seeds have these columns; None where there can be none."""
        of_rows = not KINDS.keys().isdisjoint(columns)
        own = [] if self._own is None else [self._own]
        return Bank(vocab, own, of_rows) if own or of_rows else None

    def of(self, seed: Seed, options: GenerationOptions, samplers: Iterable[SamplerSettings]) -> TokenAutomaton | None:
        """The constraint of a seed; options and samplers are those of its row.

        Raises:
            SettingsError: it can't be kept.
        """
        asked = [Constraint.of(kind, seed.knobs[kind]) for kind in KINDS if kind in seed.knobs]
        if len(asked) > 1:
            kinds = ", ".join(constraint.kind for constraint in asked)
            raise SettingsError("a row may have one constraint", kinds, "Leave the other cells empty")
        found = self._of_rows.compile(asked[0]) if asked else self._own
        if found is not None:
            _check(found, options, samplers)
        return found


ENDING = ("stop_tokens", "loop_length")
BANNING = ("banned_phrases", "no_repeat_ngram", "min_new_tokens")
"""Knobs that forbid tokens, and so might forbid all that a constraint allows. A bias and the penalties do not."""


def _check(automaton: TokenAutomaton, options: GenerationOptions, samplers: Iterable[SamplerSettings]) -> None:
    """A text that is under the constraint can be over in time, nothing ends it before, and nothing bars its way."""
    samplers = list(samplers)
    if automaton.shortest > options.max_new_tokens:
        raise SettingsError(
            "max_new_tokens must leave room for the shortest text that obeys the constraint",
            f"{options.max_new_tokens}, and the shortest needs {automaton.shortest} tokens",
            "Raise max_new_tokens",
        )
    if options.stop or _set(ENDING, samplers):
        raise SettingsError(
            "what is under a constraint must not be ended before it obeys",
            ", ".join([*(["stop"] if options.stop else []), *_set(ENDING, samplers)]),
            "Leave it out, or let the constraint say where a text ends",
        )
    if banning := _set(BANNING, samplers):
        raise SettingsError(
            "what is under a constraint must not be banned besides, for nothing might be left to say",
            ", ".join(banning),
            "Leave it out, or let the constraint say it: a regex of 20 characters at least ends with .{20,}",
        )


def _set(knobs: Iterable[str], samplers: Iterable[SamplerSettings]) -> list[str]:
    """Those that some sampler sets."""
    return [knob for knob in knobs if any(getattr(sampler, knob) for sampler in samplers)]
