"""From an automaton over bytes to one over the tokens of a tokenizer, whose decoding joins pieces of bytes.

Every spelling of a text is allowed, as the model may choose any: a character by its own token or by its bytes.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property
from typing import Any

import numpy as np

from textgen_core.decoding.constraints.automaton import TokenAutomaton, entries_of
from textgen_core.decoding.constraints.dfa import DFA
from textgen_core.decoding.constraints.limits import MOST_STATES, MOST_WALKS, Meter
from textgen_core.errors import SettingsError
from textgen_core.tokenization.interface import END, Tokenizer

BLOCK = 256
"""States whose moves are held for all tokens at a time."""

Table = np.ndarray[Any, Any]


class Pieces:
    """The bytes of every token that says something for certain: not PAD, END or the unknown token."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.vocab = tokenizer.vocab_size
        self._spelt = [b"" if id == tokenizer.unknown_id else piece for id, piece in enumerate(tokenizer.pieces)]

    @cached_property
    def _lengths(self) -> Table:
        return np.array([len(piece) for piece in self._spelt])

    @cached_property
    def _columns(self) -> list[Table]:
        """The i-th byte of every token, 0 where it has none."""
        longest = int(self._lengths.max())
        joined = b"".join(piece.ljust(longest, b"\0") for piece in self._spelt)
        return list(np.ascontiguousarray(np.frombuffer(joined, np.uint8).reshape(-1, longest).T))

    def walk(self, dfa: DFA, state: int) -> Table:
        """The state [vocab] int32 after each token; -1 where it leads nowhere."""
        after = np.full(self.vocab, -1, np.int32)
        tokens = np.flatnonzero(self._lengths)
        states = np.full(len(tokens), state, np.int32)
        for place, column in enumerate(self._columns):
            states = dfa.moves[states, column[tokens]]
            alive = states != dfa.dead
            tokens, states = tokens[alive], states[alive]
            over = self._lengths[tokens] == place + 1
            after[tokens[over]] = states[over]
            tokens, states = tokens[~over], states[~over]
            if not len(tokens):
                break
        return after


def over_tokens(dfa: DFA, pieces: Pieces) -> TokenAutomaton:
    """The automaton that allows the tokens of texts that the DFA accepts.

    Raises:
        SettingsError: it has too many states for the vocabulary, or the tokens can't spell any of its texts.
    """
    reached, classes, table = _explored(dfa, pieces)
    distance = _distances(table, dfa.accepting[reached])
    if 0 not in distance:
        raise SettingsError(
            "a constraint must allow a text that the tokenizer can spell", "none", "Check its letters and its case"
        )
    kept = sorted(distance)
    number = np.full(len(reached) + 1, -1, np.int32)  # one more: what is -1 stays -1
    number[kept] = np.arange(len(kept))
    table = number[table[kept]]
    end = np.where(dfa.accepting[reached][kept], np.arange(len(kept)), -1)
    class_of = classes.astype(np.int16)
    class_of[END] = table.shape[1]
    table = np.concatenate([table, end[:, None]], axis=1)
    return TokenAutomaton(entries_of(table, [distance[state] for state in kept]), class_of, distance[0])


def _explored(dfa: DFA, pieces: Pieces) -> tuple[list[int], Table, Table]:
    """The DFA's states at borders of tokens, the class [vocab] of each token, and the next states [states, classes]."""
    walks = Meter(MOST_WALKS // pieces.vocab, f"states for {pieces.vocab} tokens")
    reached, number = [0], np.full(dfa.dead + 1, -1, np.int32)
    number[0] = 0
    classes, table = np.zeros(pieces.vocab, np.int64), np.zeros((0, 1), np.int32)
    while len(table) < len(reached):
        rows: list[Table] = []
        while len(table) + len(rows) < len(reached) and len(rows) < BLOCK:
            walks.spend()
            after = pieces.walk(dfa, reached[len(table) + len(rows)])
            found = np.unique(after[after >= 0])
            fresh = found[number[found] < 0]
            number[fresh] = np.arange(len(reached), len(reached) + len(fresh))
            reached += fresh.tolist()
            rows.append(np.where(after < 0, -1, number[after]))
        classes, table = _refined(classes, table, np.stack(rows))
    return reached, classes, table


def _refined(classes: Table, table: Table, rows: Table) -> tuple[Table, Table]:
    """Classes that tell tokens apart by further rows [n, vocab], and the table with those."""
    width = len(rows) * rows.itemsize
    columns = np.ascontiguousarray(rows.T).tobytes()
    numbers: dict[tuple[int, bytes], int] = {}
    first: list[int] = []
    refined = np.empty_like(classes)
    for token, before in enumerate(classes.tolist()):
        key = before, columns[token * width : (token + 1) * width]
        if key not in numbers:
            numbers[key] = len(first)
            first.append(token)
        refined[token] = numbers[key]
    return refined, np.concatenate([table[:, classes[first]], rows[:, first]])


def _distances(table: Table, accepting: Table) -> dict[int, int]:
    """The fewest tokens from each state to an accepting one; without the states that have no way there."""
    sources, columns = np.nonzero(table >= 0)
    edges = np.unique(table[sources, columns].astype(np.int64) * (MOST_STATES + 1) + sources)
    before: dict[int, list[int]] = {}
    for target, source in zip(*(part.tolist() for part in np.divmod(edges, MOST_STATES + 1)), strict=True):
        before.setdefault(target, []).append(source)
    distance = dict.fromkeys(np.flatnonzero(accepting).tolist(), 0)
    ahead = deque(distance)
    while ahead:
        state = ahead.popleft()
        for source in before.get(state, ()):
            if source not in distance:
                distance[source] = distance[state] + 1
                ahead.append(source)
    return distance
