"""GPT-2's config.json, and what it means in our settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from textgen_core.errors import DatasetError, InputError
from textgen_core.faults import faults
from textgen_core.models.settings import TransformerSettings

CONFIG = "config.json"

AS_GPT2: dict[str, Any] = {"norm": "layer", "positions": "learned", "activation": "gelu", "biases": "layers"}
"""The settings that make a Transformer a GPT-2."""
TRAIN_ONE = " ".join(["Train one with --family transformer", *(f"--{name} {value}" for name, value in AS_GPT2.items())])
"""The way out for a model that is none."""


EPSILON = 1e-5
"""Of LayerNorm, in both."""


class GPT2Config(BaseModel):
    """What of config.json changes the logits, with the values that ours has and transformers' defaults."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    model_type: Literal["gpt2"]
    vocab_size: int = Field(default=50257, ge=1)
    n_positions: int = 1024
    n_embd: int = Field(default=768, ge=1)
    n_layer: int = 12
    n_head: int = Field(default=12, ge=1)
    n_inner: int | None = None
    activation_function: Literal["gelu_new", "gelu_pytorch_tanh"] = "gelu_new"
    layer_norm_epsilon: float = Field(default=EPSILON, ge=EPSILON, le=EPSILON)
    scale_attn_weights: Literal[True] = True
    scale_attn_by_inverse_layer_idx: Literal[False] = False
    add_cross_attention: Literal[False] = False
    tie_word_embeddings: bool = True
    resid_pdrop: float = 0.1
    eos_token_id: int | list[int] | None = 50256

    @property
    def end(self) -> int | None:
        """The id of the token that ends a text."""
        first = self.eos_token_id[:1] if isinstance(self.eos_token_id, list) else [self.eos_token_id]
        return first[0] if first else None


def read_config(directory: Path) -> tuple[GPT2Config, TransformerSettings]:
    """The config.json of a directory, and the architecture that it describes.

    Raises:
        InputError: it is missing or no JSON, of another kind of model, or of a GPT-2 that ours can't be.
    """
    path = directory / CONFIG
    document = read_json(path)
    kind = document.get("model_type")
    if kind != "gpt2":
        raise InputError("only models of type gpt2 can be imported", f"{path}: model_type {kind!r:.80}")
    try:
        config = GPT2Config.model_validate(document)
        return config, TransformerSettings.model_validate(_settings(config))
    except ValidationError as error:
        told = faults(GPT2Config if error.title == "GPT2Config" else TransformerSettings, error)
        raise InputError("a GPT-2 must be one that ours can be", f"{path}: {'; '.join(map(str, told))}") from None


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        InputError: it is missing or holds something else.
    """
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError("a Hugging Face directory must be whole", f"{path}: {error}", "Download it again") from None
    if not isinstance(document, dict):
        raise InputError("a JSON file of a model must hold an object", f"{path}: {document!r:.80}")
    return document


def _settings(config: GPT2Config) -> dict[str, Any]:
    return AS_GPT2 | {
        "layers": config.n_layer,
        "width": config.n_embd,
        "heads": config.n_head,
        "context": config.n_positions,
        "feed_forward": config.n_inner,
        "dropout": config.resid_pdrop,
        "tied": config.tie_word_embeddings,
    }


def check_is_gpt2(settings: TransformerSettings) -> None:
    """Raise DatasetError if a model of ours has other settings than a GPT-2."""
    others = {"key_value_heads": settings.heads} | AS_GPT2
    found = settings.model_dump() | {"key_value_heads": settings.key_value_heads or settings.heads}
    if wrong := [f"{name} {found[name]}, not {value}" for name, value in others.items() if found[name] != value]:
        raise DatasetError(
            "only a Transformer with GPT-2's settings can be exported as one",
            ", ".join(wrong),
            TRAIN_ONE,
        )


def config_of(settings: TransformerSettings, ids: int) -> dict[str, Any]:
    """The config.json of a GPT-2 of ours with so many ids, the last of which ends a text."""
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "vocab_size": ids,
        "n_positions": settings.context,
        "n_embd": settings.width,
        "n_layer": settings.layers,
        "n_head": settings.heads,
        "n_inner": settings.feed_forward,
        "activation_function": "gelu_new",
        "layer_norm_epsilon": EPSILON,
        "resid_pdrop": settings.dropout,
        "embd_pdrop": settings.dropout,
        "attn_pdrop": 0.0,  # ours has none there
        "tie_word_embeddings": settings.tied,
        "bos_token_id": ids - 1,
        "eos_token_id": ids - 1,
        "dtype": "float32",
        "torch_dtype": "float32",  # as transformers before 5 calls it
    }
