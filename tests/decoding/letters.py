"""A tokenizer of single letters, and a model that knows what may follow two of them."""

import keras
import numpy as np
from keras import ops

from textgen_core.decoding.toys import MarkovModel
from textgen_core.tokenization.pieces import NOTHING


class Letters:
    """Ids 2, 3, 4 ... are a, b, c ..."""

    unknown_id = None

    def __init__(self, count):
        self.pieces = [*NOTHING, *(bytes([ord("a") + i]) for i in range(count))]

    @property
    def vocab_size(self):
        return len(self.pieces)

    def encode(self, texts):
        return [[ord(letter) - ord("a") + 2 for letter in text] for text in texts]

    def decode(self, ids):
        return b"".join(self.pieces[id] for id in ids).decode()


def markov(vocab=8, order=2, seed=0, spread=2.0, max_context=None):
    table = np.random.default_rng(seed).normal(size=(vocab,) * (order + 1)) * spread
    return MarkovModel(table, max_context)


class Exchangeable(MarkovModel):
    """Its table can be another one from run to run: programs are compiled once for all of them."""

    def __init__(self, vocab, order=1):
        super().__init__(np.zeros((vocab,) * (order + 1)))
        self._shown = keras.Variable(self._table, trainable=False)

    def show(self, model):
        """Be what another model with a table as large is."""
        self._table = model._table
        self._shown.assign(self._table)

    def _logits(self, last):
        places = np.array([self.vocab_size**i for i in reversed(range(self._order))], np.int32)
        return ops.take(self._shown, ops.sum(last * places, axis=1), axis=0)
