"""How large the initial weights of attention and of Transformers are."""

from __future__ import annotations

import math


def initial_stddev(width: int) -> float:
    """The standard deviation of initial weights: GPT-2's 0.02 (Radford et al. 2019) at its width of 768, and more the
    narrower, by the square root, so that products of vectors are about as large whatever the width.

    Narrow ones of 0.02 learn late where to look. Bits a character at a width of 128, with 0.02 and so: tinyshakespeare
    2.643 and 2.550 (`train --family transformer --preset demo --steps 400`), a novel's sentences 3.010 and 2.659
    (`tokenize --pairs sentences --tokenizer char`, `train --family seq2seq-transformer --preset demo`), either by
    `--optimizer adamw --learning-rate 3e-3`.
    """
    return 0.02 * math.sqrt(768 / width)


def branch_stddev(width: int, layers: int) -> float:
    """As initial_stddev, of the matrices that end residual branches, two a layer (a decoder's attention to the source
    is a third, as large): smaller the more layers write on one stream, so that their sum keeps its size (Radford et al.
    2019)."""
    return initial_stddev(width) / math.sqrt(2 * layers)
