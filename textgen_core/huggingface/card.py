"""The model card of an imported model: what it is, how it is used, what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textgen_core.datasets.manifest import RunKey
from textgen_core.markdown import fenced, inline
from textgen_core.models.settings import TransformerSettings

USE = """\
textgen try MODEL "To be"                               # a continuation, as you watch
textgen generate MODEL SEEDS -o OUT                     # a continuation of every prompt in a file
textgen tokenize CORPUS --reuse MODEL -o TOKENS         # your own text, in its tokens
textgen train TOKENS --warm-start MODEL --preset finetune -o TUNED   # it goes on learning from them
textgen export TUNED -o DIR                             # back to Hugging Face"""


def model_card(settings: TransformerSettings, facts: Mapping[str, Any], key: RunKey) -> str:
    """The Markdown."""
    lines = [
        f"# {inline(settings.label)}, imported",
        "",
        f"A GPT-2 of {facts['parameters']:,} weights over {facts['vocab_size']:,} different tokens, taken over from",
        "Hugging Face's files. What it was trained on, and what it may be used for, stands where those came from.",
        "",
        "## Use",
        "",
        "With MODEL the directory of this file:",
        "",
        fenced(USE, None, "sh"),
        "",
        "## Limits",
        "",
        f"It sees {settings.context:,} tokens, prompt and continuation together. It continues text; it doesn't follow",
        "instructions, and repeats what it has read, right or wrong, fair or not.",
        "",
        "## Data",
        "",
        "Digests of what it was made from:",
        "",
        *(f"- {inline(name)}: {inline(digest)}" for name, digest in key.inputs.items()),
    ]
    return "\n".join(lines) + "\n"
