"""Beam search of the engine beside CTranslate2's, with 4 beams, on the same shape and prompts, in one run.

    python -m benchmarks beam_peers --python PYTHON_WITH_PEERS [--quick] [--tune FILE] [--tuned FILE]

Shape, prompts, peers and options are those of benchmarks.decoding_peers, with 128 prompts. Tokens are those of the best
hypothesis; none ends before its 112th. "of limit": what the matrix products of all 4 beams would allow.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks._contest import LIMIT
from benchmarks._peers import GEMM, contest, ct2, parser
from benchmarks.decoding_peers import SHAPE, model, random_gpt2
from textgen_core.decoding.settings import SamplerSettings

BEAMS = 4
PEERS = {
    "CTranslate2 float32": ct2("float32", (16, 8, 32, 64)),
    "CTranslate2 int8": ct2("int8", (16, 8, 32, 64)),
    LIMIT: GEMM,
}


def main() -> None:
    options = parser(__doc__)
    options.set_defaults(rows=128)
    given = options.parse_args()
    sampler = SamplerSettings(strategy="beam", beams=BEAMS)
    contest(replace(SHAPE, beams=BEAMS), PEERS, model(), sampler, given, random_gpt2, beams=BEAMS, top_k=0)


if __name__ == "__main__":
    main()
