"""What to import or export, and where the result goes."""

from __future__ import annotations

from textgen_core.settings import Location, Settings


class ImportSettings(Settings):
    """A model of Hugging Face's becomes one of ours."""

    source: Location
    """A directory with config.json, model.safetensors (or its shards and their index) and tokenizer.json (or vocab.json
    and merges.txt), as `save_pretrained` writes it."""

    output: Location
    """Where the model goes."""


class ExportSettings(Settings):
    """A model of ours becomes one that Hugging Face transformers loads."""

    model: Location
    """A model directory with GPT-2's architecture and a subword tokenizer (bpe)."""

    output: Location
    """Where config.json, model.safetensors, tokenizer.json and tokenizer_config.json go."""
