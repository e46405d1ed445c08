"""Which of the rows drawn are accepted: the rules that a row meets by itself, and those that others take part in."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from textgen_core.decoding.constraints.building import automaton
from textgen_core.decoding.constraints.pattern import parse
from textgen_core.generation.settings import UntilSettings
from textgen_core.generation.training_text import TrainingText

HASH_BYTES = 8
"""Two different texts among a million have the same hash with a probability of 3e-8; one of them would be lost."""


class Filter:
    """A regular expression as an automaton over bytes: the time it takes grows with the text alone.

    Raises:
        SettingsError: its automaton is too large.
    """

    def __init__(self, pattern: str) -> None:
        dfa = automaton(parse(pattern))
        self._moves, self._kinds, self._accepting = dfa.moves.tolist(), dfa.kind_of.tolist(), dfa.accepting.tolist()

    def matches(self, text: str) -> bool:
        """Whether the text as a whole does."""
        state = 0
        for byte in text.encode():
            state = self._moves[state][self._kinds[byte]]
        return bool(self._accepting[state])


class Rules:
    """What a row must be by itself.

    Args:
        known: what it must not be copied from.
    """

    def __init__(self, until: UntilSettings, known: TrainingText | None) -> None:
        self._filter = None if until.match is None else Filter(until.match)
        self._known = known

    def broken(self, text: str, finish_reason: str) -> str | None:
        """The first rule that the row breaks, by a short name."""
        if finish_reason == "error":
            return "error"
        if self._filter is not None and not self._filter.matches(text):
            return "unmatched"
        return "copied" if self._known is not None and self._known.holds(text.strip()) else None


@dataclass(frozen=True, slots=True)
class Draw:
    """A row that was drawn. cell: the seed's row and the sampler's number."""

    cell: tuple[int, int]
    seed_id: str
    sampler: str
    index: int
    text: str
    finish_reason: str


@dataclass(slots=True)
class Ledger:
    """What every seed still lacks, and which texts are taken.

    Among the draws of a round those come first whose hash (of seed, sampler and index) is the smallest: neither the
    order of the seeds nor that of the work decides. Holds numbers only, never texts.

    Attributes:
        lacking: [seeds, samplers] rows that are still wanted.
        taken: [accepted] sorted hashes of the texts.
        dropped: draws that were not accepted, by reason.
    """

    rules: Rules
    unique: bool
    lacking: np.ndarray[Any, Any]
    taken: np.ndarray[Any, Any] = field(default_factory=lambda: np.empty(0, np.uint64))
    dropped: Counter[str] = field(default_factory=Counter)

    def settle(self, draws: Iterable[Draw]) -> np.ndarray[Any, Any]:
        """[draws] bool, which of a round's draws are accepted."""
        places, cells, hashes = [], [], []
        count = 0
        for count, draw in enumerate(draws, 1):
            reason = self.rules.broken(draw.text, draw.finish_reason)
            if reason is not None:
                self.dropped[reason] += 1
                continue
            places.append(count - 1)
            cells.append(draw.cell[0] * self.lacking.shape[1] + draw.cell[1])
            hashes.append((hash_of(f"{draw.seed_id}\0{draw.sampler}\0{draw.index}"), hash_of(draw.text.strip())))
        accepted = np.zeros(count, bool)
        ranks, texts = np.array(hashes, np.uint64).reshape(-1, 2).T
        order = np.lexsort((texts, ranks))
        for turn in self._accepted(order.tolist(), cells, texts):
            accepted[places[turn]] = True
        return accepted

    def _accepted(self, order: Sequence[int], cells: Sequence[int], texts: np.ndarray[Any, Any]) -> Iterator[int]:
        kinds, kind_of = np.unique(texts, return_inverse=True)
        gone, kind_of = np.isin(kinds, self.taken).tolist(), kind_of.tolist()
        lacking, met = self.lacking.reshape(-1), []
        for turn in order:
            if self.unique and gone[kind_of[turn]]:
                self.dropped["duplicate"] += 1
            elif lacking[cells[turn]] == 0:
                self.dropped["surplus"] += 1
            else:
                lacking[cells[turn]] -= 1
                gone[kind_of[turn]] = True
                met.append(texts[turn])
                yield turn
        self.taken = np.sort(np.concatenate([self.taken, np.array(met, np.uint64)]))


def hash_of(text: str) -> int:
    """64 bits."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES).digest()
    return int.from_bytes(digest, "little")
