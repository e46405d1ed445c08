"""The recurrent family: embedding, LSTM or GRU layers, dropout, tied output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from textgen_core.models.dense import Dense
from textgen_core.models.dropout import Dropout
from textgen_core.models.embedding import TokenEmbedding
from textgen_core.models.interface import LanguageModel, State, Step
from textgen_core.models.recurrent import GRU, LSTM
from textgen_core.models.settings import RNNSettings
from textgen_core.models.shapes import are_tied

CELLS: dict[str, type[Any]] = {"lstm": LSTM, "gru": GRU}


class RNNModel(LanguageModel):
    """Its state is a list with each layer's cell state; capacity plays no part, the context has no limit."""

    def __init__(self, settings: RNNSettings, vocab_size: int, **options: Any) -> None:
        super().__init__(name="rnn", **options)
        self.settings, self.vocab_size = settings, vocab_size
        width = settings.embedding_width
        # Vectors of length about one, whatever the width: neither gates nor logits start saturated.
        tied = are_tied(settings.tied, vocab_size)
        self.embedding = TokenEmbedding(vocab_size, width, width**-0.5, tied, name="embedding", dtype=self.dtype_policy)
        self.stack = [
            CELLS[settings.cell](
                settings.units, settings.weight_dropout, name=f"{settings.cell}_{i}", dtype=self.dtype_policy
            )
            for i in range(settings.layers)
        ]
        self.projection = None
        if width != settings.units:
            self.projection = Dense(width, use_bias=False, name="projection", dtype=self.dtype_policy)
        axis = 0 if settings.locked_dropout else None  # of activations [t, n, width]
        self.dropout = Dropout(settings.dropout, axis, name="dropout", dtype=self.dtype_policy)
        self.input_dropout = None
        if settings.input_dropout is not None:
            self.input_dropout = Dropout(settings.input_dropout, axis, name="input_dropout", dtype=self.dtype_policy)
        self.build((None, None))

    def build(self, shape: Any) -> None:
        """Make all weights."""
        self.embedding.build()
        for i, layer in enumerate(self.stack):
            layer.build((None, None, self.settings.units if i else self.settings.embedding_width))
        if self.projection is not None:
            self.projection.build((None, self.settings.units))
        self.built = True

    @property
    def carries_state(self) -> bool:
        """Training hands on the state from window to window."""
        return True

    @property
    def scans(self) -> bool:
        """Each layer is a loop."""
        return True

    @property
    def max_context(self) -> None:
        """No limit."""

    def init_state(self, rows: int, capacity: int = 0, condition: Any = None) -> State:
        """Zeros."""
        return [layer.init_state(rows) for layer in self.stack]

    def call(self, tokens: Any, state: State | None = None, training: bool = False) -> Any:
        """See the interface."""
        before = self.init_state(ops.shape(tokens)[0]) if state is None else state
        x, after = self._entry(training)(ops.transpose(tokens)), []  # [t, n, ..] till the end
        for i, (layer, own) in enumerate(zip(self.stack, before, strict=True)):
            projected = layer.project(self.dropout(x, training=training)) if i else x
            x, own = layer(projected, own, training=training)
            after.append(own)
        logits = self._logits(ops.swapaxes(self.dropout(x, training=training), 0, 1))
        return logits if state is None else (logits, after)

    def prefill(self, tokens: Any, lengths: Any, state: State) -> tuple[Any, State]:
        """See the interface."""
        x, after = self._entry()(ops.transpose(tokens)), []
        for i, (layer, own) in enumerate(zip(self.stack, state, strict=True)):
            x, states = layer.states(layer.project(x) if i else x, own)
            after.append(tuple(at_last(every, lengths) for every in states))
        return self._logits(at_last(x, lengths)), after

    def step(self, tokens: Any, state: State) -> tuple[Any, State]:
        """See the interface."""
        return self.stepper()(tokens, state)

    def stepper(self) -> Step:
        """See the interface."""
        entry = self._entry()

        def step(tokens: Any, state: State) -> tuple[Any, State]:
            x, after = entry(tokens), []
            for i, (layer, own) in enumerate(zip(self.stack, state, strict=True)):
                x, own = layer.step(layer.project(x) if i else x, own)
                after.append(own)
            return self._logits(x), after

        return step

    def _entry(self, training: bool = False) -> Callable[[Any], Any]:
        """tokens [..] -> what the first layer's steps need of them."""
        dropout = (self.input_dropout or self.dropout) if training else None
        return self.embedding.through(self.stack[0].project, dropout, by_kind=self.input_dropout is None)

    def _logits(self, x: Any) -> Any:
        return self.embedding.logits(x if self.projection is None else self.projection(x))


def at_last(states: Any, lengths: Any) -> Any:
    """Each row's state [n, u] after its first lengths [n] tokens, out of its states [t, n, u]."""
    return ops.squeeze(ops.take_along_axis(states, (lengths - 1)[None, :, None], axis=0), axis=0)
