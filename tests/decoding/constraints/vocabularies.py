"""Tokenizers made of any pieces, and what a constraint allows by trying everything."""

from itertools import product

from hypothesis import strategies as st

from textgen_core.decoding.constraints.compiling import Compiler, Constraint
from textgen_core.decoding.constraints.limits import OF_JOB
from textgen_core.tokenization.pieces import NOTHING

END = 1


class Spelt:
    """Ids from 2 on are these pieces."""

    unknown_id = None

    def __init__(self, *pieces):
        self.pieces = [*NOTHING, *(piece if isinstance(piece, bytes) else piece.encode() for piece in pieces)]
        self.vocab_size = len(self.pieces)

    def encode(self, texts):
        return [[] for _ in texts]  # nothing that is asked of it here is spelt by it

    def decode(self, ids):
        return b"".join(self.pieces[id] for id in ids).decode("utf-8", "replace")


def compiled(kind, value, tokenizer):
    return Compiler(tokenizer, OF_JOB).compile(Constraint.of(kind, value))


def next_tokens(automaton, state, remaining):
    """Ids that are allowed."""
    return [id for id, allowed in enumerate(automaton.allowed(state, remaining)) if allowed]


def outputs(automaton, room):
    """Every sequence of tokens that may come out with room for so many, and whether it ended."""
    found = []

    def go_on(tokens, state):
        if len(tokens) == room:
            found.append((tokens, False))
            return
        for token in next_tokens(automaton, state, room - len(tokens)):
            if token == END:
                found.append((tokens, True))
            else:
                go_on((*tokens, token), automaton.after(state, token))

    if automaton.shortest <= room:
        go_on((), 0)
    return found


def texts(letters, longest):
    return ["".join(text) for length in range(longest + 1) for text in product(letters, repeat=length)]


def patterns(letters):
    """Regular expressions over a few letters."""
    atoms = st.sampled_from([*letters, ".", f"[^{letters[0]}]", f"[{letters[0]}-{letters[-1]}]", ""])
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map("".join),
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
            st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{,1}", "{2,}", "*?"])).map(
                lambda pair: f"(?:{pair[0]}){pair[1]}"
            ),
        ),
        max_leaves=6,
    )
