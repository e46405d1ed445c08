"""Starting values by preset and family: what to train with when nothing else is said."""

from __future__ import annotations

from typing import Any, Literal

from textgen_core.training.pair_presets import PAIR_PRESETS
from textgen_core.training.tiny import TINY

Preset = Literal["tiny", "demo", "small", "base", "finetune"]

# What gradients need means nothing to counts, and stands where it changes nothing. Rows and window are those with which
# the validation loss of whole documents is measured, as the small RNN's is; of pairs, as many tokens at once.
COUNTED = {
    "batch_size": 32,
    "window": 64,
    "steps": 1,
    "optimizer": "adamw",
    "learning_rate": 1.0,
    "warmup": 0,
    "weight_decay": 0.0,
    "evaluate_every": 1,
}

# Shared by all that are trained: validation often enough for a curve of about ten points; warmup over the first few
# percent, since Adam's second moments are guesses until they have seen a hundred batches, or longer where it says why.
ALONE: dict[str, dict[str, dict[str, Any]]] = {
    # Seconds: for tests and for trying a configuration out. Learns letter frequencies and common words only. In the
    # context fits what `generate` and `try` write when nothing is said, and a prompt.
    "tiny": {
        "rnn": {"model": {"cell": "lstm", "layers": 1, "units": 32}, **TINY},
        "cnn": {"model": {"layers": 2, "width": 32}, **TINY},
        "transformer": {"model": {"layers": 1, "width": 32, "heads": 2, "context": 256}, **TINY},
        "ngram": {"model": {"order": 3}, **COUNTED, "batch_size": 8, "window": 16, "samples": 0},
    },
    # Two minutes on 2 cores: readable text.
    "demo": {
        "rnn": {
            # On tinyshakespeare, 400 steps each, nats on the held-out tail: GRU 1.656, LSTM 1.715, tied LSTM 1.766;
            # 384 units 1.744. The GRU is also the faster one. A few kinds of token are better untied, then; many are
            # not: bits a character of its words (`train --family rnn --preset small --steps 300`), with `--no-tied`
            # 2.522, with `--tied` 2.254.
            "model": {"cell": "gru", "layers": 1, "units": 256},
            "batch_size": 32,  # 16 rows with twice the steps: 1.803 against 1.824, at 0.9 of the speed
            "window": 64,
            "steps": 1500,
            "learning_rate": 1.2e-2,  # of a tied LSTM: 2.020 at 3e-3, 1.883 at 6e-3, 1.766 at 1.2e-2; 2e-2 is worse
            # A shorter one leaves gates saturated for good, by luck. Held-out nats of tinyshakespeare after 1,500
            # steps, by two seeds: after 50 1.632 and 1.812, after 300 1.591 and 1.594.
            "warmup": 300,
            "weight_decay": 0.0,  # a corpus of megabytes is read a few times only: nothing to regularise
            "evaluate_every": 250,
        },
        "cnn": {
            "model": {"layers": 8, "width": 128},  # sees 61 tokens: some words or a line of characters
            "batch_size": 32,
            "window": 64,
            "steps": 300,  # 128 s on two slow cores, a step 0.4 s
            "learning_rate": 4e-3,
            # Held-out nats of tinyshakespeare by characters (`train --family cnn --preset demo`, seeds 1 to 3): with
            # `--warmup 50` 1.641, 1.650, 1.647; with 75, a quarter of the steps, to which warmup_within cuts it, 1.633,
            # 1.635, 1.636.
            "warmup": 100,
            "weight_decay": 0.0,  # as for the RNN: nothing to regularise
            "evaluate_every": 50,
        },
        "transformer": {
            "model": {"layers": 4, "width": 128, "heads": 4, "context": 256},
            "batch_size": 8,
            "window": 256,  # the context: with windows of 128 what lies further back made predictions 0.2 nats worse
            "steps": 1000,
            # tinyshakespeare by characters, bits after 400 and 1,000 steps: 2.421 and 2.189; by AdamW at its best rate,
            # 3e-3, 2.550 and 2.283. A step takes 1.2 times as long (17,300 and 14,350 tokens/s, alternating).
            "optimizer": "muon",
            "learning_rate": 1e-2,  # 2e-2: 2.447
            "warmup": 100,
            "weight_decay": 0.1,
            "evaluate_every": 200,
        },
        "ngram": {"model": {"order": 5}, **COUNTED},
    },
    # Five minutes on 2 cores: the demo's models, trained longer. A step of either is 2,048 tokens.
    "small": {
        "rnn": {
            "model": {"cell": "gru", "layers": 1, "units": 256, "dropout": 0.1},  # 8 passes over a megabyte
            "batch_size": 32,
            "window": 64,
            "steps": 4000,  # 8 passes over 1 MB; 63 ms each (0.10 s of processor time), half a minute besides
            "learning_rate": 1.2e-2,
            "warmup": 300,
            "weight_decay": 0.0,
            "evaluate_every": 400,
        },
        "cnn": {
            "model": {"layers": 8, "width": 128, "dropout": 0.1},  # sees 61 tokens: some words or a line of characters
            "batch_size": 32,
            "window": 64,
            "steps": 800,
            "learning_rate": 4e-3,
            "warmup": 100,  # seed 1, the same text: 1.480 nats, 1.491 with `--warmup 50`
            "weight_decay": 0.0,  # as for the RNN: nothing to regularise
            "evaluate_every": 100,
        },
        "transformer": {
            "model": {"layers": 4, "width": 128, "heads": 4, "context": 256},
            "batch_size": 8,
            "window": 256,
            "steps": 2000,
            "optimizer": "muon",
            "learning_rate": 1e-2,
            "warmup": 100,
            "weight_decay": 0.1,  # GPT-3's; matrices only
            "evaluate_every": 200,
        },
        "ngram": {"model": {"order": 6}, **COUNTED},
    },
    # One GPU, some hours, a hundred megabytes of text and more.
    "base": {
        "rnn": {
            # 34 million weights at a vocabulary of 8,192, 0.5 GB with AdamW's moments and gradients; a row of 256
            # tokens takes less than 0.1 GB. Merity et al. 2018 (AWD-LSTM): three layers of about this width.
            "model": {"cell": "lstm", "layers": 3, "units": 1024, "dropout": 0.2},
            "batch_size": 128,  # enough for a GPU to be busy in every step of the scan
            "window": 256,
            "steps": 50_000,  # 1.6 billion tokens
            "learning_rate": 2e-3,  # a sixth of that of 256 units: the wider, the smaller the steps it bears
            "warmup": 500,
            "weight_decay": 0.01,
            "evaluate_every": 1000,
        },
        "cnn": {
            # 30 million weights at a vocabulary of 8,192; sees 509 tokens.
            "model": {"layers": 14, "width": 512, "kernel": 3, "dilation_cycle": 7, "dropout": 0.1},
            "batch_size": 64,
            "window": 256,
            "steps": 50_000,
            "learning_rate": 1e-3,
            "warmup": 500,
            "weight_decay": 0.01,
            "evaluate_every": 1000,
        },
        "transformer": {
            # GPT-2 small's shape: 91 million weights at a vocabulary of 8,192, 1.5 GB with AdamW's moments and
            # gradients; a row of 1,024 tokens takes 3.4 GB in float32 (measured), most of it attention's scores.
            "model": {"layers": 12, "width": 768, "heads": 12, "context": 1024, "dropout": 0.1},
            "batch_size": 32,
            "accumulate": 8,  # 4 rows at a time: 16 GB
            "window": 1024,
            "steps": 50_000,  # 1.6 billion tokens
            # By AdamW: GPT-2 small's, with a batch of half a million tokens; stable at this one too.
            "learning_rate": 6e-4,
            "warmup": 1000,
            "weight_decay": 0.1,
            "evaluate_every": 1000,
        },
        "ngram": {"model": {"order": 6}, **COUNTED},
    },
    # To go on from a model that knows its language (warm_start): small steps, few of them, so that it learns the new
    # text's manner without losing what it knew. The architecture is that model's.
    "finetune": {
        "rnn": {
            "batch_size": 16,
            "window": 64,
            "steps": 500,
            "learning_rate": 2e-3,  # a sixth of what it was trained with
            "warmup": 50,
            "weight_decay": 0.0,
            "evaluate_every": 50,
        },
        "cnn": {
            "batch_size": 16,
            "window": 64,
            "steps": 500,
            "learning_rate": 6e-4,  # a sixth of what it was trained with
            "warmup": 50,
            "weight_decay": 0.0,
            "evaluate_every": 50,
        },
        "transformer": {
            "batch_size": 8,
            "window": 128,
            "steps": 300,
            "learning_rate": 1e-4,  # a sixth of GPT-2 small's own
            "warmup": 30,
            "weight_decay": 0.01,
            "evaluate_every": 50,
        },
        "ngram": {"model": {"order": 6}, **COUNTED},  # counts know no start: it is made anew
    },
}
PRESETS = {preset: families | PAIR_PRESETS[preset] for preset, families in ALONE.items()}
