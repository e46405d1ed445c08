"""Tokens a second of the engine in bfloat16 beside CTranslate2's int8, on the same shape and prompts, in one run.

    python -m benchmarks half_peers --python PYTHON_WITH_PEERS [--quick] [--tune FILE] [--tuned FILE]

Shape, prompts and options are those of benchmarks.decoding_peers. For processors that
multiply bfloat16; on others it was not tried. What the precision costs: benchmarks.half.
"""

from __future__ import annotations

from benchmarks._contest import LIMIT
from benchmarks._peers import GEMM, contest, ct2, parser
from benchmarks.decoding_peers import SHAPE, model, random_gpt2
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.models.half import halve

PEERS = {"CTranslate2 int8": ct2("int8", (64, 32, 128)), LIMIT: GEMM}


def main() -> None:
    given = parser(__doc__).parse_args()
    half = model()
    halve(half)
    contest(SHAPE, PEERS, half, SamplerSettings(), given, random_gpt2, top_k=0)


if __name__ == "__main__":
    main()
