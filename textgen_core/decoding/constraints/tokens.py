"""From an automaton over bytes to one over the tokens of a tokenizer, whose decoding joins pieces of bytes.

Every spelling of a text is allowed, as the model may choose any: a character by its own token or by its bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from textgen_core.decoding.constraints.automaton import Moves, TokenAutomaton, automaton_of
from textgen_core.decoding.constraints.classes import Classes
from textgen_core.decoding.constraints.dfa import DFA
from textgen_core.decoding.constraints.distances import Incoming, distances
from textgen_core.decoding.constraints.limits import MOST_TOKENS, MOST_WALKS, Meter, Size
from textgen_core.decoding.constraints.pieces import NO_PIECE, Pieces, Read
from textgen_core.errors import SettingsError
from textgen_core.tokenization.interface import END

BATCH = 2**21
"""Moves at most that are held before they are sorted into classes; some 50 MB."""

Numbers = np.ndarray[Any, Any]


def over_tokens(dfa: DFA, pieces: Pieces, size: Size) -> TokenAutomaton:
    """The automaton that allows the tokens of texts that the DFA accepts.

    Raises:
        SettingsError: it is larger than size, or the tokens can't spell any of its texts.
    """
    reached, moves, class_of_piece = _explored(dfa, pieces, size)
    accepting = dfa.accepting[reached]
    distance = distances(Incoming(moves.origins, moves.targets, len(reached)), accepting)
    if distance[0] < 0:
        raise SettingsError(
            "a constraint must allow a text that the tokenizer can spell", "none", "Check its letters and its case"
        )
    Meter(MOST_TOKENS, "tokens to the end of its shortest text, from any place in a text").spend(int(distance.max()))
    class_of = np.where(pieces.piece_of == NO_PIECE, 0, class_of_piece[pieces.piece_of] + 1)
    class_of[END] = class_of.max() + 1
    ends = np.flatnonzero(accepting)
    sources = np.concatenate([moves.origins, ends])
    classes = np.concatenate([moves.pieces + 1, np.full(len(ends), class_of[END])])
    targets = np.concatenate([moves.targets, ends])
    return automaton_of(_kept(sources, classes, targets, distance), distance[distance >= 0], class_of, size)


def _explored(dfa: DFA, pieces: Pieces, size: Size) -> tuple[Numbers, Read, Numbers]:
    """The DFA's states at borders of tokens; moves between their numbers, by classes; the class of each piece."""
    walks = Meter(MOST_WALKS, "bytes of tokens read from its states")
    classes = Classes(pieces.count, Meter(4 * size.entries, "moves of different tokens"))
    number = np.full(dfa.dead + 1, -1, np.int32)
    number[0] = 0
    reached, batch, done = np.zeros(1, np.int32), list[Read](), 0
    while done < len(reached):
        some = reached[done : done + max(1, BATCH // max(1, pieces.bytes))]
        read = pieces.read(dfa, some, walks)
        found = np.unique(read.targets)
        fresh = found[number[found] < 0]
        number[fresh] = np.arange(len(reached), len(reached) + len(fresh))
        reached = np.concatenate([reached, fresh])
        batch.append(Read(read.origins + done, read.pieces, number[read.targets]))
        done += len(some)
        if done == len(reached) or sum(len(each.pieces) for each in batch) > BATCH:
            classes.add(Read(*map(np.concatenate, zip(*batch, strict=True))))
            batch = []
    return reached, *classes.moves()


def _kept(sources: Numbers, classes: Numbers, targets: Numbers, distance: Numbers) -> Moves:
    """Moves from and to states that have a way to the end of a text, by numbers without the others."""
    kept = (distance[sources] >= 0) & (distance[targets] >= 0)
    number = np.cumsum(distance >= 0) - 1
    sources, classes, targets = sources[kept], classes[kept], targets[kept]
    order = np.lexsort((classes, sources))
    return Moves(number[sources[order]], classes[order], number[targets[order]])
