"""``textgen import`` and ``textgen export``: GPT-2 from Hugging Face's files, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.cli.common import Doing
from flows.cli.outcome import carry_out
from textgen_core.huggingface.settings import ExportSettings, ImportSettings

Output = Annotated[Path, Parameter(name=["--output", "-o"], metavar="PATH")]


def import_model(source: Path, /, *, output: Output, doing: Doing | None = None) -> int:
    """Take over a GPT-2 from a local Hugging Face directory; all commands that use a model use it then.

    Args:
        source: A directory with config.json, model.safetensors (or shards and their index) and the tokenizer's files.
        output: Where the model directory goes.
    """
    from textgen_core.huggingface.importing import import_key, import_model

    doing = doing or Doing()
    doing.start_logging()
    settings = ImportSettings(source=source, output=output)
    key = import_key(settings)
    return carry_out("import", key, output, lambda: import_model(settings, doing.progress()), doing)


def export_model(model: Path, /, *, output: Output, doing: Doing | None = None) -> int:
    """Write a model with GPT-2's settings as Hugging Face transformers loads it.

    Args:
        model: A model directory: an imported one, what goes on from one, or one trained with GPT-2's settings on
            subwords (bpe).
        output: Where config.json, model.safetensors, tokenizer.json and tokenizer_config.json go.
    """
    from textgen_core.huggingface.exporting import export_key, export_model

    doing = doing or Doing()
    doing.start_logging()
    settings = ExportSettings(model=model, output=output)
    key = export_key(settings)
    return carry_out("export", key, output, lambda: export_model(settings, doing.progress()), doing)
