"""Words of WikiText-2: every family beside the Kneser-Ney 5-gram that it must beat, on so little text that none can
without being held back from learning it by heart.

    python -m benchmarks wikitext [--seconds 600] [--families rnn transformer]

Trained on valid.txt (217,646 words), judged on test.txt, with the words that come twice or more in valid.txt.
Corpora are looked for in $TEXTGEN_DATA. Each family trains for so many seconds, as a whole process; the n-gram takes
what it takes. The last weights are kept, so that nothing is chosen by test.txt. Prints one JSON object a line:
nats and perplexity a token, where all unknown words are one token, and with each unknown word charged what spelling
it costs, perplexity a word and bits a character.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from pathlib import Path
from typing import Any

from benchmarks._corpora import DATA, streams_of, words_of
from benchmarks._learning import held_out_nats, learned
from textgen_core.datasets.manifest import read_manifest
from textgen_core.tokenization.interface import END
from textgen_core.tokenization.spelling import text_bits

FAMILIES: dict[str, dict[str, Any]] = {
    "ngram": {"preset": "small", "order": 5},
    "rnn": {
        "preset": "small",
        "cell": "lstm",
        "layers": 1,
        "units": 256,
        "embedding": 256,
        "tied": True,
        "dropout": 0.5,
        "batch-size": 16,
        "window": 32,
        "learning-rate": 4e-3,
        "weight-decay": 0.01,
    },
    "cnn": {
        "preset": "small",
        "layers": 4,
        "width": 192,
        "dilation-cycle": 2,
        "dropout": 0.5,
        "batch-size": 16,
        "window": 32,
        "learning-rate": 2e-3,
        "weight-decay": 0.1,
    },
    "transformer": {
        "preset": "small",
        "layers": 2,
        "width": 192,
        "heads": 6,
        "context": 64,
        "dropout": 0.5,
        "batch-size": 16,
        "window": 64,
        "optimizer": "adamw",
        "learning-rate": 2e-3,
        "weight-decay": 0.1,
    },
}


def judged(nats: float, tokens: Path, held_out_tokens: int) -> dict[str, float]:
    """What a mean loss of so many nats a token of test.txt is, whatever its vocabulary leaves out."""
    facts = read_manifest(tokens).facts
    bits = text_bits(nats * held_out_tokens, facts["spelling_bits_validation"])
    words = len((DATA / "wikitext2" / "test.txt").read_text().split())
    return {
        "nats": round(nats, 4),
        "perplexity_token": round(math.exp(nats), 1),
        "perplexity_word": round(2 ** (bits / words), 1),
        "bits_per_char": round(bits / facts["chars_validation"], 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--seconds", type=float, default=600)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        tokens = words_of(folder / "words")
        held_out = streams_of(tokens, folder)["validation"]
        held_out = held_out[held_out != END]
        for family in arguments.families:
            options = {**FAMILIES[family], "family": family}
            found = learned(tokens, folder / family, options, arguments.seconds, points=1)
            del found["curve"]
            figures = judged(held_out_nats(folder / family, held_out), tokens, len(held_out))
            print(json.dumps({"name": family, "options": options, **found, **figures}), flush=True)


if __name__ == "__main__":
    main()
