"""A pair in a row of tokens: ``source PAD target``, and how an encoder-decoder sees it."""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.tokenization.interface import PAD


def split(tokens: Any, lengths: Any) -> tuple[Any, Any, Any]:
    """What the encoder and what the decoder read of tokens [n, t], of row i the first lengths[i].

    Returns:
        How many tokens [n] of each row stand before its first PAD, all of them where it has none; the decoder's tokens
        int32 [n, t], which begin with that PAD and end in others; and how many of these count [n], at least one.
    """
    places = ops.arange(tokens.shape[1], dtype="int32")
    lengths = ops.cast(lengths, "int32")
    ends = ops.where((tokens == PAD) & (places < lengths[:, None]), places, lengths[:, None])
    source = ops.min(ends, axis=1)
    wanted = source[:, None] + places
    target = ops.take_along_axis(tokens, ops.minimum(wanted, tokens.shape[1] - 1), axis=1)
    target = ops.where((places > 0) & (wanted < lengths[:, None]), target, PAD)
    return source, ops.cast(target, "int32"), ops.maximum(lengths - source, 1)


def in_stream(values: Any, source: Any) -> Any:
    """Values [n, t, d] of a decoder's positions at the places that its tokens have in the row, zero before them."""
    places = ops.arange(values.shape[1], dtype="int32") - source[:, None]
    moved = ops.take_along_axis(values, ops.maximum(places, 0)[:, :, None], axis=1)
    return ops.where(places[:, :, None] >= 0, moved, 0.0)
