"""Grids of made-up cells, for each question one that has an effect as large as asked."""

import itertools

import numpy as np

from textgen_core.comparison.evidence import Evidence, Reads
from textgen_core.comparison.questions import verdicts

TEXTS, BLOCKS, CHARS = 40, 8, 64
NOISE = 0.02


def reads(rates, key, noise=NOISE):
    """Texts that cost so much in each stretch; what is hard for one cell is so for all, but for a little noise."""
    shared, own = np.random.default_rng(0), np.random.default_rng(key)
    difficulty = shared.normal(0, 0.5, (TEXTS, 1))
    each = np.asarray(rates) + difficulty + own.normal(0, noise, (TEXTS, BLOCKS))
    return Reads(each * CHARS, np.full((TEXTS, BLOCKS), float(CHARS)))


def grid(
    cost=lambda **cell: 2.0, drift=lambda **cell: 0.0, repeated=lambda **cell: 0.0, speed=lambda **cell: 100.0, **more
):
    """The cells of a whole grid, whose figures are functions of what they are.

    Args:
        drift: by how much dearer late stretches are than early ones; repeated: the same of repetition.
    """
    places = itertools.product(
        more.get("families", ("rnn", "transformer", "seq2seq-rnn")), ("char", "word"), (1000, 4000), (0.1, 1.0)
    )
    cells = []
    for key, (family, kind, size, share) in enumerate(places):
        cell = {"family": family, "kind": kind, "size": size, "share": share}
        ramp = np.where(np.arange(BLOCKS) < BLOCKS // 2, 0.0, 1.0)
        cells.append(
            Evidence(
                variant=family,
                attentive=family.startswith("seq2seq"),
                level=kind,
                reading=reads(cost(**cell) + drift(**cell) * ramp, key, more.get("noise", NOISE)),
                repetition=reads(0.2 + repeated(**cell) * ramp, 1000 + key, more.get("noise", NOISE)),
                speed=speed(**cell),
                **cell,
            )
        )
    return cells


def poor(amount):
    """Little text costs a Transformer more by so much."""
    return {"cost": lambda family, share, **cell: 2 + (share < 1) * (0.5 + amount * (family == "transformer"))}


def drifting(amount):
    return {"drift": lambda family, **cell: {"rnn": amount, "transformer": 0.0}.get(family, amount / 2)}


def repeating(amount):
    return {"repeated": lambda family, **cell: amount * (family == "rnn")}


def aside(amount):
    """The encoder-decoder lies so far within, or outside of, the others' drift."""
    return {"drift": lambda family, **cell: {"rnn": 0.3, "transformer": 0.0}.get(family, 0.3 - amount)}


def large(amount):
    """Size saves characters more than words by so much."""
    return {"cost": lambda kind, size, **cell: 2 - amount * (kind == "char" and size == 4000)}


def fast(factor):
    return {"speed": lambda kind, **cell: 100.0 * (factor if kind == "word" else 1)}


def coherent(amount):
    return {"drift": lambda kind, **cell: -amount * (kind == "word")}


MADE = {
    "Do Transformers need more data?": poor,
    "Do RNNs lose long coherence?": drifting,
    "Do RNNs repeat themselves more and more?": repeating,
    "Do encoder-decoders with attention stand between?": aside,
    "Do character models need bigger layers?": large,
    "Are word models more coherent?": coherent,
}
"""From an effect to a grid that has it."""


def answer(question, cells):
    return next(found for found in verdicts(cells) if found.question == question)
