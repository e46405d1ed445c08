"""Counter-based noise: what a row draws is a pure function of who it is and of how many tokens it has drawn.

Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), no state anywhere. The
tests hold it to the vectors that its authors publish (Random123, kat_vectors).
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from keras import ops

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = 0x1BD11BDA


def row_key(seed: int, key: str, sample_index: int) -> np.ndarray[Any, Any]:
    """The two uint32 words that name a row's noise. The sampler has no part in it: samplers that are compared meet the
    same luck, and renaming one changes no text."""
    name = f"{seed}\0{key}\0{sample_index}".encode("utf-8", "surrogatepass")
    return np.frombuffer(hashlib.sha256(name).digest()[:8], "<u4")


def uniforms(keys: Any, steps: Any) -> tuple[Any, Any]:
    """Two independent float32 [n] in [0, 1), multiples of 2**-24, for keys [n, 2] uint32 and steps [n] int32."""
    first, second = map(_uniform, _words(keys, steps, purpose=0))
    return first, second


def chances(keys: Any, steps: Any) -> Any:
    """One more, independent of both: whether what happens by chance happens."""
    return _uniform(_words(keys, steps, purpose=1)[0])


def gumbels(keys: Any, count: int) -> Any:
    """Standard Gumbel noise [n, count] float32 for keys [n, 2]: that of the tokens that may follow."""
    half = (count + 1) // 2
    counter = ops.cast(ops.arange(half, dtype="int32"), "uint32")[None, :]
    words = threefry(keys[:, :1], keys[:, 1:], counter, ops.full_like(counter, 2))
    return _gumbel(ops.concatenate(words, axis=1)[:, :count])


def keys_of(keys: Any, tokens: Any) -> Any:
    """The keys [n, 2] of what was said under keys [n, 2] and goes on with tokens [n]."""
    return ops.stack(_words(keys, tokens, purpose=3), axis=1)


def _gumbel(word: Any) -> Any:
    """-log E of an exponential E. Its high values, which decide, come of small uniforms: there floats are dense."""
    uniform = (ops.cast(word, "float32") + 0.5) * 2.0**-32
    return -ops.log(-ops.log1p(-ops.minimum(uniform, 1 - 2.0**-24)))


def _words(keys: Any, steps: Any, purpose: int) -> tuple[Any, Any]:
    """Two words [n] for each purpose that numbers are needed for in a step."""
    return threefry(keys[:, 0], keys[:, 1], ops.cast(steps, "uint32"), ops.full_like(keys[:, 0], purpose))


def _uniform(word: Any) -> Any:
    return ops.cast(ops.right_shift(word, _word(8)), "float32") * 2.0**-24


def threefry(key0: Any, key1: Any, counter0: Any, counter1: Any) -> tuple[Any, Any]:
    """Two random words [n] for a key and a counter of two words each, all uint32 [n]."""
    schedule = (key0, key1, ops.bitwise_xor(ops.bitwise_xor(key0, key1), _word(PARITY)))
    x, y = counter0 + key0, counter1 + key1
    for group in range(5):
        for rotation in ROTATIONS[group % 2]:
            x = x + y
            y = ops.bitwise_xor(_rotated(y, rotation), x)
        x = x + schedule[(group + 1) % 3]
        y = y + schedule[(group + 2) % 3] + _word(group + 1)
    return x, y


def _rotated(word: Any, bits: int) -> Any:
    return ops.bitwise_or(ops.left_shift(word, _word(bits)), ops.right_shift(word, _word(32 - bits)))


def _word(value: int) -> Any:
    return ops.convert_to_tensor(np.uint32(value))
