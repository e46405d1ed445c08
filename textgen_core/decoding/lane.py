"""A lane: one thread that drives the tiles of one ladder, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textgen_core.decoding.ladder import Ladder
from textgen_core.decoding.pool import Pool, Prompted
from textgen_core.decoding.programs import Kind, Programs
from textgen_core.decoding.results import Outcome
from textgen_core.decoding.supply import Supply
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.tokenization.interface import Tokenizer


class Lane:
    """Takes requests from the supply and hands outcomes to emit, an empty list whenever the supply has got room."""

    def __init__(
        self,
        supply: Supply,
        programs: Programs,
        tokenizer: Tokenizer,
        vocabulary: Vocabulary,
        emit: Callable[[list[Outcome]], None],
    ) -> None:
        self._supply = supply
        self._programs = programs
        self._tokenizer, self._vocabulary = tokenizer, vocabulary
        self._emit = emit

    def run(self) -> None:
        """Work until there is nothing left, or nobody wants it."""
        while (work := self._supply.wait()) is not None:
            if isinstance(work, Kind):
                self._decode(Ladder(self._programs, work, self._tokenizer, self._vocabulary))
            else:
                self._open(work)

    def _decode(self, ladder: Ladder) -> None:
        self._fill(ladder)
        while ladder.busy and not self._supply.abandoned:
            self._emit(ladder.advance())
            self._fill(ladder)
            if not self._supply.awaits(ladder.kind):
                ladder.close_up()

    def _fill(self, ladder: Ladder) -> None:
        """Put waiting requests into the free slots; prefill more prompts when none wait."""
        while ladder.has_room:
            if placements := self._supply.place(ladder.kind, ladder.fitting()):
                ladder.admit(placements)
            elif prompts := self._supply.prompts(ladder.kind):
                self._open(prompts)
            else:
                return

    def _open(self, prompts: Sequence[Prompted]) -> None:
        self._emit([])
        self._supply.open(Pool(prompts, self._programs))
