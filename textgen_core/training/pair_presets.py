"""Starting values of encoder-decoders by preset and family, as ``presets`` has them of the others.

A window is as many tokens of a source and as many of a target: half of the context, which holds both. 256 characters
are all of most sentences. Pairs that need less come in more rows, so that a step takes about as long whatever they are.
Learning rates are about those of the families without a source, where no other reason is given.

Steps are few in minutes, so ``demo`` and ``small`` make them of few rows. Bits a character of a novel's sentences with
the rows of ``demo``, and with twice as many in half as many steps: recurrent 1.762 and 1.856, CNN 2.146 and 2.279,
Transformer (by AdamW) 2.659 and 2.725. That takes 1.02, 1.13 and 1.08 times as long.
"""

from __future__ import annotations

from typing import Any

from textgen_core.training.tiny import TINY

PAIR_PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "tiny": {
        "seq2seq-rnn": {"model": {"units": 32}, **TINY},
        "seq2seq-cnn": {"model": {"layers": 2, "width": 32, "context": 256}, **TINY},
        "seq2seq-transformer": {"model": {"layers": 1, "width": 32, "heads": 2, "context": 256}, **TINY},
    },
    "demo": {
        "seq2seq-rnn": {
            "model": {"cell": "gru", "units": 256},
            "batch_size": 8,
            "window": 256,
            "steps": 600,  # 0.18 s each where both windows are full (`python -m benchmarks families`): two minutes
            "learning_rate": 1e-2,
            "warmup": 150,  # after a shorter one more hangs on luck
            "weight_decay": 0.0,
            "evaluate_every": 100,
        },
        "seq2seq-cnn": {
            "model": {"layers": 4, "width": 128},
            "batch_size": 4,
            "window": 256,
            "steps": 600,  # 0.16 s each
            "learning_rate": 4e-3,
            "warmup": 50,
            "weight_decay": 0.0,
            "evaluate_every": 100,
        },
        "seq2seq-transformer": {
            "model": {"layers": 3, "width": 128, "heads": 4, "context": 512},
            "batch_size": 4,
            "window": 256,
            "steps": 400,  # 0.27 s each
            # Of that novel 2.241; AdamW at 3e-3 2.659.
            "optimizer": "muon",
            "learning_rate": 1e-2,  # the decoder-only one's; 2e-2 2.306
            "warmup": 50,
            "weight_decay": 0.1,
            "evaluate_every": 100,
        },
    },
    "small": {
        "seq2seq-rnn": {
            "model": {"cell": "gru", "units": 256, "dropout": 0.1},
            "batch_size": 8,
            "window": 256,
            "steps": 1600,
            "learning_rate": 6e-3,  # bits a character of that novel: at 1e-2 1.755, at 6e-3 1.673; a 6-gram 1.700
            "warmup": 150,
            "weight_decay": 0.0,
            "evaluate_every": 200,
        },
        "seq2seq-cnn": {
            "model": {"layers": 4, "width": 128, "dropout": 0.1},
            "batch_size": 4,
            "window": 256,
            "steps": 1600,
            "learning_rate": 4e-3,
            "warmup": 50,
            "weight_decay": 0.0,
            "evaluate_every": 200,
        },
        "seq2seq-transformer": {
            "model": {"layers": 3, "width": 128, "heads": 4, "context": 512},
            "batch_size": 4,
            "window": 256,
            "steps": 1050,
            "optimizer": "muon",
            "learning_rate": 1e-2,
            "warmup": 100,
            "weight_decay": 0.1,
            "evaluate_every": 150,
        },
    },
    "base": {
        "seq2seq-rnn": {
            # 45 million weights at a vocabulary of 8,192.
            "model": {"cell": "lstm", "layers": 2, "units": 1024, "dropout": 0.2},
            "batch_size": 64,
            "window": 512,
            "steps": 50_000,
            "learning_rate": 2e-3,
            "warmup": 500,
            "weight_decay": 0.01,
            "evaluate_every": 1000,
        },
        "seq2seq-cnn": {
            # 43 million weights at a vocabulary of 8,192.
            "model": {"layers": 8, "width": 512, "context": 1024, "dropout": 0.1},
            "batch_size": 32,
            "window": 512,
            "steps": 50_000,
            "learning_rate": 1e-3,
            "warmup": 500,
            "weight_decay": 0.01,
            "evaluate_every": 1000,
        },
        "seq2seq-transformer": {
            # The base model of Vaswani et al. 2017: 48 million weights at a vocabulary of 8,192.
            "model": {"layers": 6, "width": 512, "heads": 8, "context": 1024, "dropout": 0.1},
            "batch_size": 32,
            "window": 512,
            "steps": 50_000,
            "learning_rate": 6e-4,
            "warmup": 1000,
            "weight_decay": 0.1,
            "evaluate_every": 1000,
        },
    },
    "finetune": {
        "seq2seq-rnn": {
            "batch_size": 8,
            "window": 256,
            "steps": 500,
            "learning_rate": 2e-3,
            "warmup": 50,
            "weight_decay": 0.0,
            "evaluate_every": 50,
        },
        "seq2seq-cnn": {
            "batch_size": 8,
            "window": 256,
            "steps": 500,
            "learning_rate": 6e-4,
            "warmup": 50,
            "weight_decay": 0.0,
            "evaluate_every": 50,
        },
        "seq2seq-transformer": {
            "batch_size": 4,
            "window": 256,
            "steps": 300,
            "learning_rate": 1e-4,
            "warmup": 30,
            "weight_decay": 0.01,
            "evaluate_every": 50,
        },
    },
}
