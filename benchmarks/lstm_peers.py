"""Characters a second of an LSTM of 2 x 512 units: the engine beside a stepping loop in torch and the tutorial way.

    python -m benchmarks lstm_peers --python PYTHON_WITH_PEERS [--quick] [--tune FILE] [--tuned FILE]

Options are those of benchmarks.decoding_peers. All draw 112 characters of 96 after each of 512 prompts of 16; none ends
early. torch steps its own nn.LSTM at its best batch and threads. The tutorial way (Keras' predict on a one-hot window
of 40 characters, for each character of each text) continues two texts in a turn.
"""

from __future__ import annotations

from benchmarks._contest import LIMIT
from benchmarks._peers import GEMM, Peer, contest, parser
from benchmarks._shapes import Recurrent
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.models.families import build_model
from textgen_core.models.settings import RNNSettings

SHAPE = Recurrent(layers=2, units=512, vocab=96, prompt=16, new=112)
PEERS = {
    "torch stepping": Peer(
        "lstm_decoding.py", [{"batch": batch, "workers": w} for w in (2, 1) for batch in (128, 64, 256, 512)]
    ),
    "tutorial": Peer("tutorial.py", [{}], rows=1 / 256),
    LIMIT: GEMM,
}


def main() -> None:
    options = parser(__doc__)
    options.set_defaults(rows=512)
    given = options.parse_args()
    model = build_model(RNNSettings(layers=SHAPE.layers, units=SHAPE.units), SHAPE.vocab)
    told = {"units": SHAPE.units, "vocab": SHAPE.vocab, "layers": SHAPE.layers}
    contest(SHAPE, PEERS, model, SamplerSettings(), given, **told)


if __name__ == "__main__":
    main()
