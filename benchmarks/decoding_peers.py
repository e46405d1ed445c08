"""Tokens a second of the engine beside those of its peers, on the same shape and prompts, in one run.

    python -m benchmarks decoding_peers --python PYTHON_WITH_PEERS [--top-k 50] [--only ct2] [--quick]
    python -m benchmarks decoding_peers --python PYTHON_WITH_PEERS --tune FILE [--only transformers]
    python -m benchmarks decoding_peers --python PYTHON_WITH_PEERS --tuned FILE

$PEERS_PYTHON does the same as --python. Make that Python an environment of its own:

    python -m venv PEERS && PEERS/bin/pip install -r benchmarks/peers/requirements.txt

All draw 112 tokens for each of 256 prompts of 16, from 6 layers of 384 and a vocabulary of 8,192, at temperature 1 and
without truncation (--top-k: with one), and none may end early. Slow peers continue half of the prompts in a turn: all
their batches take the same time. Peers load one random GPT-2; ours is its own architecture, with as many
multiplications a token. Every contestant first tries its settings (the better of two runs each, of one batch a worker);
--tune keeps the best in a file, --tuned takes them from there. Then they take turns, reading the prompts included.
Prints the medians: a JSON object a line, and a table on stderr. "of limit" is the share of the speed at which the
matrix products alone would do the same work, measured in the same turns. "a processor second" tells more than
"tokens/s" where others share the machine.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from benchmarks._contest import LIMIT
from benchmarks._peers import FOLDER, GEMM, Peer, contest, ct2, parser
from benchmarks._shapes import Transformer
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.models.families import build_model
from textgen_core.models.interface import LanguageModel
from textgen_core.models.settings import TransformerSettings

SHAPE = Transformer(layers=6, width=384, heads=6, vocab=8192, prompt=16, new=112)

PEERS = {
    "CTranslate2 float32": ct2("float32", (64, 32, 128)),
    "CTranslate2 int8": ct2("int8", (64, 32, 128)),
    "transformers": Peer(
        "huggingface.py",
        [{"batch": batch, "workers": workers} for workers in (1, 2) for batch in (128, 64, 256)],
        rows=0.5,
    ),
    "KerasHub": Peer(
        "kerashub.py", [{"batch": batch, "xla": xla} for xla in (False, True) for batch in (64, 128)], rows=0.5
    ),
    LIMIT: GEMM,
}


def random_gpt2(python: str, folder: Path) -> None:
    """The model that peers load."""
    shape = {name: getattr(SHAPE, name) for name in ("layers", "width", "heads", "vocab")}
    shape["context"] = SHAPE.prompt + SHAPE.new
    subprocess.run([python, FOLDER / "random_gpt2.py", json.dumps(shape), folder], check=True)


def model() -> LanguageModel:
    """Ours."""
    context = SHAPE.prompt + SHAPE.new
    settings = TransformerSettings(layers=SHAPE.layers, width=SHAPE.width, heads=SHAPE.heads, context=context)
    return build_model(settings, SHAPE.vocab)


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--top-k", type=int, default=0, help="draw among so many tokens; 0: among all")
    given = options.parse_args()
    sampler = SamplerSettings(top_k=given.top_k or None)
    contest(SHAPE, PEERS, model(), sampler, given, random_gpt2, top_k=given.top_k)


if __name__ == "__main__":
    main()
