"""LSTM and GRU over whole sequences, fast: the input projection hoisted out of the loop, the gradient by hand.

The loop multiplies by the recurrent kernel only. Its gradient is another loop, backwards, that collects the gradients
of the gates; the kernel's own gradient is then one matrix product over all steps instead of one a step.

Shapes: t steps, b rows, u units. Sequences are time-major. Gates lie in Keras' order (i, f, g, o and z, r, h), so
weights are interchangeable with ``keras.layers.LSTM`` and ``keras.layers.GRU(reset_after=True)``.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.models.backend import scan
from textgen_core.models.half import product

Tensors = tuple[Any, ...]


def lstm_cell(projected: Any, kernel: Any, h: Any, c: Any) -> tuple[Any, Any, Any]:
    """One step: projected [b, 4u], kernel [u, 4u], h and c [b, u] -> h, c, activated gates [b, 4u]."""
    i, f, g, o = ops.split(projected + product(h, kernel), 4, axis=1)
    i, f, g, o = ops.sigmoid(i), ops.sigmoid(f), ops.tanh(g), ops.sigmoid(o)
    c = f * c + i * g
    return o * ops.tanh(c), c, ops.concatenate([i, f, g, o], axis=1)


def lstm_states(projected: Any, kernel: Any, h: Any, c: Any) -> tuple[Any, Any, Any]:
    """Every step's h and c [t, b, u] and gates [t, b, 4u], from projected [t, b, 4u]."""
    units = kernel.shape[0]

    def body(carry: Tensors, slices: Tensors) -> tuple[Tensors, Tensors]:
        h, c, gates = lstm_cell(slices[0], kernel, *carry)
        return (h, c), (h, c, gates)

    _, (hs, cs, gates) = scan(body, (h, c), [projected], [units, units, 4 * units])
    return hs, cs, gates


@ops.custom_gradient
def lstm(projected: Any, kernel: Any, h: Any, c: Any) -> Any:
    """Outputs [t, b, u] and the last h and c [b, u], from projected [t, b, 4u] and the state before."""
    hs, cs, gates = lstm_states(projected, kernel, h, c)

    def gradient(d_hs: Any, d_h: Any, d_c: Any) -> Tensors:
        befores = ops.concatenate([c[None], cs[:-1]])
        transposed = ops.transpose(kernel)

        def body(carry: Tensors, slices: Tensors) -> tuple[Tensors, Tensors]:
            (d_h, d_c), (d_y, gate, c, before) = carry, slices
            i, f, g, o = ops.split(gate, 4, axis=1)
            squashed = ops.tanh(c)
            d_h = d_h + d_y
            d_c = d_c + d_h * o * (1 - squashed * squashed)
            d_gates = [
                d_c * g * i * (1 - i),
                d_c * before * f * (1 - f),
                d_c * i * (1 - g * g),
                d_h * squashed * o * (1 - o),
            ]
            d_z = ops.concatenate(d_gates, axis=1)
            return (ops.matmul(d_z, transposed), d_c * f), (d_z,)

        width = 4 * kernel.shape[0]
        (d_h, d_c), (d_z,) = scan(body, (d_h, d_c), [d_hs, gates, cs, befores], [width], reverse=True)
        return d_z, _kernel_gradient(h, hs, d_z), d_h, d_c

    return (hs, hs[-1], cs[-1]), gradient


def gru_cell(projected: Any, kernel: Any, bias: Any, h: Any) -> tuple[Any, Any]:
    """One step: projected [b, 3u], kernel [u, 3u], bias [3u], h [b, u] -> h, kept [b, 4u].

    kept holds z, r, the candidate, and what the state offered to it before the reset.
    """
    z_in, r_in, g_in = ops.split(projected, 3, axis=1)
    z_own, r_own, offer = ops.split(product(h, kernel) + bias, 3, axis=1)
    z, r = ops.sigmoid(z_in + z_own), ops.sigmoid(r_in + r_own)
    g = ops.tanh(g_in + r * offer)
    return z * h + (1 - z) * g, ops.concatenate([z, r, g, offer], axis=1)


def gru_states(projected: Any, kernel: Any, bias: Any, h: Any) -> tuple[Any, Any]:
    """Every step's h [t, b, u] and kept [t, b, 4u], from projected [t, b, 3u]."""
    units = kernel.shape[0]

    def body(carry: Tensors, slices: Tensors) -> tuple[Tensors, Tensors]:
        h, kept = gru_cell(slices[0], kernel, bias, *carry)
        return (h,), (h, kept)

    _, (hs, kept) = scan(body, (h,), [projected], [units, 4 * units])
    return hs, kept


@ops.custom_gradient
def gru(projected: Any, kernel: Any, bias: Any, h: Any) -> Any:
    """Outputs [t, b, u] and the last h [b, u], from projected [t, b, 3u] and the state before."""
    hs, kept = gru_states(projected, kernel, bias, h)

    def gradient(d_hs: Any, d_h: Any) -> Tensors:
        befores = ops.concatenate([h[None], hs[:-1]])
        transposed = ops.transpose(kernel)

        def body(carry: Tensors, slices: Tensors) -> tuple[Tensors, Tensors]:
            (d_h,), (d_y, gates, before) = carry, slices
            z, r, g, offer = ops.split(gates, 4, axis=1)
            d_h = d_h + d_y
            d_z = d_h * (before - g) * z * (1 - z)
            d_g = d_h * (1 - z) * (1 - g * g)
            d_r = d_g * offer * r * (1 - r)
            d_own = ops.concatenate([d_z, d_r, d_g * r], axis=1)
            return (d_h * z + ops.matmul(d_own, transposed),), (ops.concatenate([d_z, d_r, d_g], axis=1), d_own)

        width = 3 * kernel.shape[0]
        (d_h,), (d_in, d_own) = scan(body, (d_h,), [d_hs, kept, befores], [width, width], reverse=True)
        return d_in, _kernel_gradient(h, hs, d_own), ops.sum(d_own, axis=(0, 1)), d_h

    return (hs, hs[-1]), gradient


def _kernel_gradient(h: Any, hs: Any, d_own: Any) -> Any:
    """Gradient [u, width] of the recurrent kernel: the state before each step times the gradient of their product."""
    units, width = hs.shape[-1], d_own.shape[-1]
    befores = ops.reshape(ops.concatenate([h[None], hs[:-1]]), (-1, units))
    return ops.matmul(ops.transpose(befores), ops.reshape(d_own, (-1, width)))
