"""Models whose rows end when a benchmark wants them to, and a tokenizer that says nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.stage import run_stage, write_file
from textgen_core.models.backend import seeded
from textgen_core.models.directory import save_model
from textgen_core.models.families import build_model
from textgen_core.models.interface import LanguageModel, Step
from textgen_core.models.settings import RNNSettings, TransformerSettings
from textgen_core.tokenization.byte import ByteTokenizer
from textgen_core.tokenization.interface import END
from textgen_core.tokenization.tokenizers import TOKENIZER, dump

NEVER = -1e9


class Silent:
    """Decoding text is no part of the comparison."""

    unknown_id = None
    pieces = ByteTokenizer(kind="byte").pieces

    def decode(self, ids: object) -> str:
        return ""


class Endless:
    """The model without an end of text: every row has its full length, so that a token is a step."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.max_context, self.grows, self.vocab_size = model.max_context, model.grows, model.vocab_size
        self.init_state = model.init_state

    def prefill(self, *arguments: Any) -> Any:
        return self._without_end(self._model.prefill(*arguments))

    def stepper(self) -> Step:
        step = self._model.stepper()
        return lambda tokens, state: self._without_end(step(tokens, state))

    def _without_end(self, result: Any) -> Any:
        logits, state = result
        return ops.where(ops.arange(logits.shape[1])[None, :] == END, NEVER, logits), state


class Ending:
    """The model, whose rows end after as many new tokens as the first token of their prompt says.

    Args:
        lengths: [vocab] int32, the new tokens of a row by the first token of its prompt.
    """

    def __init__(self, model: LanguageModel, lengths: np.ndarray[Any, Any]) -> None:
        self._model, self._lengths = model, np.asarray(lengths, np.int32)
        self.max_context, self.grows, self.vocab_size = model.max_context, model.grows, model.vocab_size

    def init_state(self, rows: int, capacity: int) -> dict[str, Any]:
        return {"left": ops.zeros((rows,), "int32"), "state": self._model.init_state(rows, capacity)}

    def prefill(self, tokens: Any, lengths: Any, state: dict[str, Any]) -> Any:
        left = ops.take(ops.convert_to_tensor(self._lengths), tokens[:, 0])
        return self._ending(self._model.prefill(tokens, lengths, state["state"]), left)

    def stepper(self) -> Step:
        step = self._model.stepper()
        return lambda tokens, state: self._ending(step(tokens, state["state"]), state["left"] - 1)

    def _ending(self, result: Any, left: Any) -> Any:
        logits, state = result
        end = ops.arange(logits.shape[1])[None, :] == END
        return ops.where(end == (left <= 0)[:, None], logits, NEVER), {"left": left, "state": state}


def directory(folder: Path, settings: RNNSettings | TransformerSettings) -> Path:
    """A training directory that holds a model of bytes with random weights."""

    def body(partial: Path) -> dict[str, Any]:
        tokenizer = ByteTokenizer()
        with seeded(0):
            model = build_model(settings, tokenizer.vocab_size)
        save_model(model, settings, partial)
        write_file(partial / TOKENIZER, dump(tokenizer))
        return {}

    key = RunKey(stage="training", code_version=1, schema_version=1, settings={}, inputs={}, numerics={})
    run_stage(key, folder, body)
    return folder
