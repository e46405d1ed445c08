"""What a row remembers of its prompt, against the same worked out token by token."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textgen_core.decoding.processors.memory import MEMORY, NOTHING

VOCAB = 5
texts = st.lists(st.integers(0, VOCAB - 1), max_size=40)


@given(prompt=texts, room=st.integers(0, 8), breakers=st.lists(st.booleans(), min_size=VOCAB, max_size=VOCAB))
def test_it_is_as_if_the_prompt_had_been_said_token_by_token(prompt, room, breakers):
    prompt, breakers = np.array(prompt, np.int32), np.array(breakers)
    room += len(prompt)
    rows = {"matches": np.zeros(room, np.int32), "unbroken": np.zeros(room, np.int32)}
    rows = {name: leaf[None] for name, leaf in rows.items()} | {"breakers": breakers[None]}
    history = np.full((1, room), NOTHING, np.int32)
    for token in prompt:
        said = {"history": history, **rows}
        grown = {name: np.asarray(MEMORY[name].grown(said, np.array([token]))) for name in ("matches", "unbroken")}
        rows |= grown
        history = np.append(history[:, 1:], [[token]], axis=1)
    for name in ("matches", "unbroken"):
        fresh = MEMORY[name].fresh(prompt, room, VOCAB, {"breakers": breakers})
        np.testing.assert_array_equal(fresh, rows[name][0])
