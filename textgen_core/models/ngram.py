"""The n-gram family: interpolated Kneser-Ney probabilities, looked up in tables that ``training.ngrams`` counts.

The tables hold a trie of contexts, latest token first, so that a context's parent is the one that it backs off to.
Whatever was seen after a context has its whole interpolated probability there; all else has that of the shorter
context, times the backoff weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras import ops

from textgen_core.models.interface import LanguageModel, State
from textgen_core.models.settings import NgramSettings

CHUNK = 1024
"""Followers that are written into the logits at a time. With 4,096 a tile of characters, whose contexts have few, is
slower by half, and one of words hardly faster."""
FAN = 32
"""Places that a search looks at in each round."""


class NgramModel(LanguageModel):
    """Its state is each row's last tokens, PAD where there were none; capacity plays no part.

    Its weights, not trainable; whole numbers are unsigned, because a GPU has no variables of signed ones:
        unigrams [vocab] float32: log-probability of each token after the empty context.
        oldest [contexts] uint32: the token by which a context extends its parent. Context 0 is the empty one; the last
            one stands for none at all.
        extensions [contexts + 1] uint32: those of context i are contexts extensions[i] to before extensions[i + 1],
            ascending by token.
        backoffs [contexts] float32: log of the backoff weight.
        followers [contexts + 1] uint32: those of context i are entries followers[i] to before followers[i + 1] of
        tokens [entries] uint32, ascending, and logprobs [entries] float32.
    """

    def __init__(self, settings: NgramSettings, vocab_size: int, **options: Any) -> None:
        super().__init__(name="ngram", **options)
        self.settings, self.vocab_size = settings, vocab_size

    def build(self, sizes: Mapping[str, tuple[int, ...]]) -> None:
        """Make the tables: with as many contexts and entries as the shapes of backoffs and logprobs say."""
        (contexts,), (entries,) = (sizes.get(name, (0,)) for name in ("backoffs", "logprobs"))
        self.unigrams = self._table("unigrams", self.vocab_size, "float32")
        self.oldest = self._table("oldest", contexts, "uint32")
        self.extensions = self._table("extensions", contexts + 1, "uint32")
        self.backoffs = self._table("backoffs", contexts, "float32")
        self.followers = self._table("followers", contexts + 1, "uint32")
        self.tokens = self._table("tokens", entries, "uint32")
        self.logprobs = self._table("logprobs", entries, "float32")
        self.built = True

    def _table(self, name: str, size: int, dtype: str) -> Any:
        return self.add_weight((size,), "zeros", dtype, trainable=False, autocast=False, name=name)

    @property
    def carries_state(self) -> bool:
        """The last tokens can be handed on."""
        return True

    @property
    def scans(self) -> bool:
        """It writes what was seen after a context bit by bit, which only XLA does in place."""
        return True

    @property
    def max_context(self) -> None:
        """No limit: what lies further back has no effect."""

    def init_state(self, rows: int, capacity: int = 0, condition: Any = None) -> State:
        """No tokens."""
        return {"last": ops.zeros((rows, max(1, self.settings.order - 1)), "int32")}

    def call(self, tokens: Any, state: State | None = None, training: bool = False) -> Any:
        """See the interface. All positions are looked up at once: none needs another's result."""
        rows, length = tokens.shape
        before = self.init_state(rows) if state is None else state
        history = ops.concatenate([before["last"], ops.cast(tokens, "int32")], axis=1)
        width = before["last"].shape[1]
        windows = ops.stack([history[:, i + 1 : i + 1 + length] for i in range(width)], axis=-1)
        logits = self._logits(ops.reshape(windows, (rows * length, width)))
        logits = ops.reshape(logits, (rows, length, self.vocab_size))
        return logits if state is None else (logits, {"last": history[:, length:]})

    def prefill(self, tokens: Any, lengths: Any, state: State) -> tuple[Any, State]:
        """See the interface."""
        history = ops.concatenate([state["last"], ops.cast(tokens, "int32")], axis=1)
        places = lengths[:, None] + ops.arange(state["last"].shape[1])[None, :]
        last = ops.take_along_axis(history, places, axis=1)
        return self._logits(last), {"last": last}

    def step(self, tokens: Any, state: State) -> tuple[Any, State]:
        """See the interface."""
        last = ops.concatenate([state["last"][:, 1:], ops.cast(tokens, "int32")[:, None]], axis=1)
        return self._logits(last), {"last": last}

    def _logits(self, last: Any) -> Any:
        """Log-probabilities [n, vocab] after the last tokens [n, order - 1].

        From the shortest context on, each overwrites what was seen after it. An entry is weighed with the backoffs of
        all longer contexts, which are taken as not having seen it until they overwrite it.
        """
        logits = ops.repeat(ops.convert_to_tensor(self.unigrams)[None, :], last.shape[0], axis=0)
        if self.settings.order == 1:
            return logits
        contexts, sums = self._contexts(last), [ops.zeros(last.shape[:1])]
        for context in reversed(contexts):
            sums.append(sums[-1] + _at(self.backoffs, context))
        *weights, total = sums
        found, weight = ops.stack(contexts), ops.stack(weights[::-1])  # a loop over them is compiled once

        def overwrite(k: Any, logits: Any) -> Any:
            return self._overwritten(logits, ops.take(found, k, axis=0), ops.take(weight, k, axis=0))

        return ops.fori_loop(0, len(contexts), overwrite, logits + total[:, None])

    def _contexts(self, last: Any) -> list[Any]:
        """Numbers [n] of the contexts of 1, 2, .. order - 1 tokens, each the last number where none was seen."""
        context, found = ops.zeros_like(last[:, 0]), []
        for back in range(1, self.settings.order):
            context = self._extension(context, last[:, -back])
            found.append(context)
        return found

    def _extension(self, context: Any, token: Any) -> Any:
        """The context [n] one token [n] longer."""
        low, high = _at(self.extensions, context), _at(self.extensions, context + 1)
        place = _first_not_below(self.oldest, low, high, token, self.vocab_size)
        nowhere = self.oldest.shape[0] - 1
        seen = (place < high) & (_at(self.oldest, ops.minimum(place, nowhere)) == token)
        return ops.where(seen, place, nowhere)

    def _overwritten(self, logits: Any, context: Any, weight: Any) -> Any:
        """logits [n, vocab] with those of the followers of each row's context [n], plus weight [n], in their places.

        The followers of all rows are one long list, of which CHUNK are written at a time, however many each row has.
        """
        first = _at(self.followers, context)
        ends = ops.cumsum(_at(self.followers, context + 1) - first)
        begins = ops.concatenate([ops.zeros_like(ends[:1]), ends[:-1]])
        rows = context.shape[0]

        def unfinished(start: Any, logits: Any) -> Any:
            return start < ends[-1]

        def write(start: Any, logits: Any) -> tuple[Any, Any]:
            listed = ops.minimum(start + ops.arange(CHUNK), ends[-1] - 1)  # the last one again and again does no harm
            row = _first_not_below(ends, ops.zeros_like(listed), ops.full_like(listed, rows), listed + 1, rows)
            entry = _at(first, row) + listed - _at(begins, row)
            places = ops.stack([row, _at(self.tokens, entry)], axis=1)
            return start + CHUNK, ops.scatter_update(logits, places, _at(self.logprobs, entry) + _at(weight, row))

        return ops.while_loop(unfinished, write, (ops.zeros_like(ends[0]), logits))[1]


def _at(table: Any, places: Any) -> Any:
    """What stands in a table at places; whole numbers as int32."""
    found = ops.take(ops.convert_to_tensor(table), places, axis=0)
    return ops.cast(found, "int32") if found.dtype == "uint32" else found


def _first_not_below(table: Any, low: Any, high: Any, sought: Any, longest: int) -> Any:
    """The first place [n] from low on whose value isn't below sought; high [n] where there is none.

    Between low and high [n], at most longest places, the table must be ascending. Each round looks at FAN places at
    once: a bisection would have five times as many rounds, each of them compiled.
    """
    last = table.shape[0] - 1
    strides = [FAN**round for round in range(longest.bit_length()) if FAN**round <= longest]
    for stride in reversed(strides):
        probes = low[:, None] + stride * ops.arange(1, FAN) - 1
        below = (probes < high[:, None]) & (_at(table, ops.minimum(probes, last)) < sought[:, None])
        low = low + stride * ops.sum(ops.cast(below, "int32"), axis=1)
    return low
