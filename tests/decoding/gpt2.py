"""GPT-2 as the engine decodes it, with weights as Hugging Face saves them: a helper of tests, small and not fast."""

import math

import numpy as np
from keras import ops
from safetensors.numpy import load_file

from textgen_core.models.interface import LanguageModel


class GPT2(LanguageModel):
    """Reads tokens at their positions into a cache of keys and values, and looks at all positions up to its own.

    State: ``keys`` and ``values`` [n, layers, heads, capacity, head], ``length`` [n].
    """

    def __init__(self, path, layers, heads):
        super().__init__(name="gpt2")
        named = {name.removeprefix("transformer."): np.asarray(leaf) for name, leaf in load_file(path).items()}
        self._named = named
        self._layers, self._heads = layers, heads
        self.vocab_size, self._width = named["wte.weight"].shape
        self.built = True

    @property
    def carries_state(self):
        return False

    @property
    def max_context(self):
        return len(self._named["wpe.weight"])

    def init_state(self, rows, capacity, condition=None):
        shape = rows, self._layers, self._heads, capacity, self._width // self._heads
        return {"keys": ops.zeros(shape), "values": ops.zeros(shape), "length": ops.zeros((rows,), dtype="int32")}

    def call(self, tokens, state=None, training=False):
        return self._read(tokens, 0, self.init_state(*tokens.shape))[0]

    def prefill(self, tokens, lengths, state):
        logits, state = self._read(tokens, 0, state)
        last = ops.take_along_axis(logits, (lengths - 1)[:, None, None], axis=1)[:, 0]
        return last, {**state, "length": lengths}

    def step(self, tokens, state):
        logits, after = self._read(tokens[:, None], state["length"][:, None], state)
        return logits[:, 0], {**after, "length": state["length"] + 1}

    def _read(self, tokens, first, state):
        """Logits [n, t, vocab] after tokens [n, t], the first of them at position first."""
        places = ops.broadcast_to(first + ops.arange(tokens.shape[1], dtype="int32")[None, :], tokens.shape)
        x = ops.take(self._named["wte.weight"], tokens, axis=0) + ops.take(self._named["wpe.weight"], places, axis=0)
        cached = []
        for layer in range(self._layers):
            keys, values = state["keys"][:, layer], state["values"][:, layer]
            heard, *memory = self._attention(f"h.{layer}.attn", self._norm(x, f"h.{layer}.ln_1"), keys, values, places)
            x = x + heard
            hidden = ops.gelu(self._linear(self._norm(x, f"h.{layer}.ln_2"), f"h.{layer}.mlp.c_fc"), approximate=True)
            x = x + self._linear(hidden, f"h.{layer}.mlp.c_proj")
            cached.append(memory)
        keys, values = (ops.stack(leaves, axis=1) for leaves in zip(*cached, strict=True))
        head = self._named.get("lm_head.weight", self._named["wte.weight"])
        return ops.matmul(self._norm(x, "ln_f"), head.T), {**state, "keys": keys, "values": values}

    def _attention(self, name, x, keys, values, places):
        rows, length, width = x.shape
        heads = ops.reshape(self._linear(x, f"{name}.c_attn"), (rows, length, 3, self._heads, width // self._heads))
        query, key, value = (ops.transpose(heads[:, :, i], (0, 2, 1, 3)) for i in range(3))
        here = places[:, :, None] == ops.arange(keys.shape[2], dtype="int32")[None, None, :]
        keys, values = _written(keys, key, here), _written(values, value, here)
        scores = ops.matmul(query, ops.swapaxes(keys, 2, 3)) / math.sqrt(width // self._heads)
        seen = ops.arange(keys.shape[2], dtype="int32")[None, None, :] <= places[:, :, None]
        weights = ops.softmax(ops.where(seen[:, None], scores, -1e30), axis=-1)
        heard = ops.reshape(ops.transpose(ops.matmul(weights, values), (0, 2, 1, 3)), (rows, length, width))
        return self._linear(heard, f"{name}.c_proj"), keys, values

    def _norm(self, x, name):
        centred = x - ops.mean(x, axis=-1, keepdims=True)
        scale = ops.rsqrt(ops.mean(centred * centred, axis=-1, keepdims=True) + 1e-5)
        return centred * scale * self._named[f"{name}.weight"] + self._named[f"{name}.bias"]

    def _linear(self, x, name):
        return ops.matmul(x, self._named[f"{name}.weight"]) + self._named[f"{name}.bias"]


def _written(cache, new, here):
    """cache [n, heads, capacity, d] with new [n, heads, t, d] where here [n, t, capacity] says."""
    spread = ops.matmul(ops.swapaxes(ops.cast(here, "float32"), 1, 2)[:, None], new)
    return ops.where(ops.any(here, axis=1)[:, None, :, None], spread, cache)
