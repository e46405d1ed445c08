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


def _check(automaton: TokenAutomaton, options: GenerationOptions, samplers: Iterable[SamplerSettings]) -> None:
    """A text that is under the constraint can be over in time, and nothing ends it before."""
    if automaton.shortest > options.max_new_tokens:
        raise SettingsError(
            "max_new_tokens must leave room for the shortest text that obeys the constraint",
            f"{options.max_new_tokens}, and the shortest needs {automaton.shortest} tokens",
            "Raise max_new_tokens",
        )
    if options.stop or any(sampler.stop_tokens or sampler.loop_length for sampler in samplers):
        raise SettingsError(
            "what is under a constraint must not be ended before it obeys",
            "stop, stop_tokens or loop_length",
            "Leave them out, or let the constraint say where a text ends",
        )
