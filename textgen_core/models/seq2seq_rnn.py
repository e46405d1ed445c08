"""The recurrent encoder-decoder: the source is read both ways, the target written with attention over it, or without.

Sutskever et al. 2014 without attention; with it, attention is by the first decoder layer's outputs, and what it finds
goes into the layers above (as in Wu et al. 2016), never back into the layer itself. So that a target can be learned in
one scan a layer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from textgen_core.models.backend import reversed_rows
from textgen_core.models.dense import Dense
from textgen_core.models.dropout import Dropout
from textgen_core.models.embedding import TokenEmbedding
from textgen_core.models.encoder_decoder import EncoderDecoder, with_room
from textgen_core.models.interface import State, Step
from textgen_core.models.rnn import CELLS, at_last
from textgen_core.models.seq2seq_settings import Seq2SeqRNNSettings
from textgen_core.models.shapes import are_tied
from textgen_core.models.source_attention import SourceAttention


class Bidirectional(keras.layers.Layer):
    """Two recurrent layers of half the units, one for each direction, side by side."""

    def __init__(self, cell: str, units: int, **options: Any) -> None:
        super().__init__(**options)
        policy = self.dtype_policy
        self.forward = CELLS[cell](units - units // 2, name="forward", dtype=policy)
        self.backward = CELLS[cell](units // 2, name="backward", dtype=policy)

    def build(self, shape: Any) -> None:
        """Make all weights."""
        self.forward.build(shape)
        self.backward.build(shape)

    def call(self, ahead: Any, back: Any, lengths: Any) -> tuple[Any, Any]:
        """Outputs [s, n, units], and both directions' last ones [n, units], of the first lengths [n].

        From inputs [s, n, ..] projected for either direction; of back, the first lengths from the last to the first.
        """
        rows = ops.shape(ahead)[1]
        ahead, _ = self.forward(ahead, self.forward.init_state(rows))
        back, _ = self.backward(back, self.backward.init_state(rows))
        last = ops.concatenate([at_last(ahead, lengths), at_last(back, lengths)], axis=-1)
        return ops.concatenate([ahead, reversed_rows(back, lengths)], axis=-1), last


class Seq2SeqRNNModel(EncoderDecoder):
    """Its condition: each source's length [n], its memory, and the cells that each decoder layer begins with.

    Its state is the same, with room in the memory and the cells as they have become. Memory is a list of one cache
    [n, 1, s, units], or of none without attention.
    """

    def __init__(self, settings: Seq2SeqRNNSettings, vocab_size: int, **options: Any) -> None:
        super().__init__(name="seq2seq_rnn", **options)
        self.settings, self.vocab_size = settings, vocab_size
        policy, units, layers = self.dtype_policy, settings.units, range(settings.layers)
        # Vectors of length about one, whatever the width: neither gates nor logits start saturated.
        tied = are_tied(settings.tied, vocab_size)
        self.embedding = TokenEmbedding(vocab_size, units, units**-0.5, tied, name="embedding", dtype=policy)
        self.encoder = [Bidirectional(settings.cell, units, name=f"encoder_{i}", dtype=policy) for i in layers]
        self.decoder = [CELLS[settings.cell](units, name=f"decoder_{i}", dtype=policy) for i in layers]
        self.parts = len(self.decoder[0].init_state(1))
        self.bridges = [Dense(self.parts * units, activation="tanh", name=f"bridge_{i}", dtype=policy) for i in layers]
        self.attention = None
        if settings.attention != "none":
            self.attention = SourceAttention(units, settings.attention == "additive", name="attention", dtype=policy)
        self.dropout = Dropout(settings.dropout, name="dropout", dtype=policy)
        self.build((None, None))

    def build(self, shape: Any) -> None:
        """Make all weights."""
        self.embedding.build()
        for layer in (*self.encoder, *self.bridges, *self.decoder):
            layer.build((None, None, self.settings.units))
        if self.attention is not None:
            self.attention.build((None, None, self.settings.units))
        self.built = True

    @property
    def scans(self) -> bool:
        """Each layer is a loop."""
        return True

    @property
    def max_context(self) -> None:
        """No limit."""

    @property
    def grows(self) -> bool:
        """The longer a source, the larger its memory."""
        return self.attention is not None

    def init_state(self, rows: int, capacity: int, condition: Any = None) -> State:
        """The condition with room for capacity positions, or zeros."""
        memory = [] if self.attention is None else [self.attention.init_memory(rows, capacity)]
        if condition is not None:
            return {**condition, "memory": with_room(memory, condition["memory"])}
        cells = [layer.init_state(rows) for layer in self.decoder]
        return {"source": ops.zeros((rows,), "int32"), "memory": memory, "cells": cells}

    def encode(self, source: Any, lengths: Any, training: bool = False) -> State:
        """See the interface."""
        lengths = ops.maximum(ops.cast(lengths, "int32"), 1)
        first, x, cells = self.encoder[0], ops.transpose(source), []  # [s, n, ..] till the end
        ahead = self._entry(first.forward, training)(x)
        back = self._entry(first.backward, training)(reversed_rows(x, lengths))
        for i, (layer, bridge) in enumerate(zip(self.encoder, self.bridges, strict=True)):
            if i:
                x = self.dropout(x, training=training)
                ahead, back = layer.forward.project(x), layer.backward.project(reversed_rows(x, lengths))
            x, last = layer(ahead, back, lengths)
            cells.append(tuple(ops.split(bridge(last), self.parts, axis=-1)))
        x = ops.swapaxes(self.dropout(x, training=training), 0, 1)
        memory = [] if self.attention is None else [self.attention.remember(x)]
        return {"source": lengths, "memory": memory, "cells": cells}

    def decode(self, tokens: Any, condition: State, training: bool = False) -> tuple[Any, Any]:
        """See EncoderDecoder; by the one attention there is, or None."""
        x, weights = self._entry(self.decoder[0], training)(ops.transpose(tokens)), None  # [t, n, ..] till the end
        for i, (layer, own) in enumerate(zip(self.decoder, condition["cells"], strict=True)):
            x, _ = layer(layer.project(self.dropout(x, training=training)) if i else x, own)
            if i == 0:
                x, weights = self._attended(x, condition)
        return self.embedding.logits(ops.swapaxes(self.dropout(x, training=training), 0, 1)), weights

    def begin(self, tokens: Any, lengths: Any, condition: State, state: State) -> tuple[Any, State]:
        """See EncoderDecoder."""
        x, cells = self._entry(self.decoder[0])(ops.transpose(tokens)), []
        memory, alone = with_room(state["memory"], condition["memory"]), len(self.decoder) == 1
        for i, (layer, own) in enumerate(zip(self.decoder, condition["cells"], strict=True)):
            x, states = layer.states(layer.project(x) if i else x, own)
            cells.append(tuple(at_last(every, lengths) for every in states))
            if i == 0 and not alone:
                x, _ = self._attended(x, condition)
        x = at_last(x, lengths)
        if alone and self.attention is not None:  # what earlier positions find goes nowhere, and takes gigabytes
            x = self.attention.step(x, memory[0], condition["source"])
        return self.embedding.logits(x), {**condition, "memory": memory, "cells": cells}

    def step(self, tokens: Any, state: State) -> tuple[Any, State]:
        """See the interface."""
        return self.stepper()(tokens, state)

    def stepper(self) -> Step:
        """See the interface."""
        entry = self._entry(self.decoder[0])

        def step(tokens: Any, state: State) -> tuple[Any, State]:
            x, cells = entry(tokens), []
            for i, (layer, own) in enumerate(zip(self.decoder, state["cells"], strict=True)):
                x, own = layer.step(layer.project(x) if i else x, own)
                cells.append(own)
                if i == 0 and self.attention is not None:
                    x = self.attention.step(x, state["memory"][0], state["source"])
            return self.embedding.logits(x), {**state, "cells": cells}

        return step

    def _attended(self, x: Any, condition: State) -> tuple[Any, Any]:
        """x [t, n, units] with what attention finds, if there is any, and its weights [n, t, s]."""
        if self.attention is None:
            return x, None
        x, weights = self.attention(ops.swapaxes(x, 0, 1), condition["memory"][0], condition["source"])
        return ops.swapaxes(x, 0, 1), weights

    def _entry(self, layer: Any, training: bool = False) -> Callable[[Any], Any]:
        """tokens [..] -> what a first layer's steps need of them."""
        return self.embedding.through(layer.project, self.dropout if training else None)
