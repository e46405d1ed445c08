"""Bits a character at every level of text, on the same corpus and in the same seconds of training.

    python -m benchmarks levels [--seconds 120] [--families rnn transformer]

tinyshakespeare as one document, its last tenth held out, by ``textgen compare``: models of 1.2 million weights, tables
of tokens included, of characters, bytes, subwords and words. What a level leaves unknown is charged what spelling it
costs. Corpora are looked for in $TEXTGEN_DATA. Prints one JSON object a line: bits a character with its 95% interval,
and how fast the model writes.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks._corpora import DATA, present

LEVELS: dict[str, dict[str, Any]] = {
    "char": {"kind": "char"},
    "byte": {"kind": "byte"},
    "subword": {"kind": "subword", "vocab_size": 2000},
    "word": {"kind": "word", "vocab_size": 8000},
}
"""2,000 subwords are about three characters each, on the way from characters to words."""
WEIGHTS = 1_200_000
COLUMNS = ("level", "family", "failure", "bits_per_char", "bits_per_char_low", "bits_per_char_high")
COSTS = ("vocab_size", "parameters", "steps", "training_seconds", "characters_seen", "characters_per_second")


def compared(corpus: Path, folder: Path, families: list[str], seconds: float) -> list[dict[str, Any]]:
    """The rows of a comparison, best first."""
    config = {
        "output": str(folder / "compared"),
        "ingestion": {"inputs": [str(corpus)], "unit": "file", "split": {"method": "tail", "validation": 0.1}},
        "families": families,
        "levels": LEVELS,
        "sizes": [WEIGHTS],
        "shares": [1.0],
        "budget": {"seconds": seconds},
        "temperatures": [1.0],
        "seeds": {"count": 40, "how": "spans", "words": 8},
    }
    (folder / "levels.yaml").write_text(json.dumps(config))  # JSON is YAML
    command = [str(Path(sys.executable).with_name("textgen")), "compare", str(folder / "levels.yaml"), "--json"]
    state = {"TEXTGEN_STATE": str(folder / "state")}  # no server of the user's is found there
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | state)
    return sorted(json.loads(done.stdout)["rows"], key=lambda row: row["bits_per_char"] or math.inf)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--families", nargs="+", default=["rnn", "cnn", "transformer", "ngram"])
    arguments = parser.parse_args()
    corpus = present(DATA / "tinyshakespeare.txt").resolve()
    with tempfile.TemporaryDirectory() as name:
        for row in compared(corpus, Path(name).resolve(), arguments.families, arguments.seconds):
            print(json.dumps({column: row[column] for column in (*COLUMNS, *COSTS)}), flush=True)


if __name__ == "__main__":
    main()
