"""Sentences of WikiText-2, each written after the one before it: encoder-decoders beside the families that read the
same pairs as one stream.

    python -m benchmarks pairs [--seconds 200] [--families transformer seq2seq-transformer]

Words, trained on the pairs in valid.txt, judged on those in test.txt. Corpora are looked for in $TEXTGEN_DATA. Each
family trains for so many seconds, as a whole process; the n-gram takes what it takes. The last weights are kept, so
that nothing is chosen by test.txt. Prints one JSON object a line: of the targets alone, their ends counted, perplexity
a token and, with each unknown word charged what spelling it costs, perplexity a word and bits a character, with 95%
intervals.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks._corpora import words_of
from benchmarks._learning import learned
from benchmarks.wikitext import FAMILIES as STREAMS
from textgen_core.evaluation.held_out import held_out_rows, read_held_out
from textgen_core.evaluation.reading import ModelReader
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.models.directory import load_model
from textgen_core.tokenization.tokenizers import load_tokenizer

PAIRS = {"preset": "small", "dropout": 0.5, "batch-size": 32, "window": 64}
FAMILIES: dict[str, dict[str, Any]] = STREAMS | {
    "seq2seq-rnn": {**PAIRS, "cell": "lstm", "units": 256, "tied": True, "learning-rate": 4e-3, "weight-decay": 0.01},
    "seq2seq-cnn": {**PAIRS, "layers": 3, "width": 192, "learning-rate": 2e-3, "weight-decay": 0.1},
    "seq2seq-transformer": {
        **PAIRS,
        "layers": 2,
        "width": 192,
        "heads": 6,
        "context": 128,
        "positions": "rotary",
        "optimizer": "adamw",
        "learning-rate": 2e-3,
        "weight-decay": 0.1,
    },
}
"""As held back as those of ``wikitext``, whose shapes they have."""


def judged(model: Path, folder: Path) -> dict[str, list[float]]:
    """Of each metric the value and the ends of its interval, over all targets of test.txt."""
    places = {"tokens": folder / "tokens", "corpus": folder / "documents", "generations": folder, "output": folder}
    settings = EvaluationSettings.model_validate({"model": model, "held_out_tokens": None, **places})
    tokenizer = load_tokenizer(folder / "tokens")
    rows = held_out_rows(settings, read_held_out(settings, tokenizer), ModelReader(load_model(model)), tokenizer)
    return {row["metric"]: [round(row[name], 3) for name in ("value", "low", "high")] for row in rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--seconds", type=float, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve() / "words"
        tokens = words_of(folder, pairs={"kind": "sentences"})
        for family in arguments.families:
            options = {**FAMILIES[family], "family": family}
            found = learned(tokens, folder / family, options, arguments.seconds, points=1)
            del found["curve"]
            print(
                json.dumps({"name": family, "options": options, **found, **judged(folder / family, folder)}), flush=True
            )


if __name__ == "__main__":
    main()
