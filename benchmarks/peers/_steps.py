"""What every training peer does: one step for each line it reads, answered with the seconds it took."""

import json
import sys
import time
from typing import Any

import torch
from torch.nn import functional

given: dict[str, Any] = json.loads(sys.argv[1])
"""The model's settings, by our names; vocab, rows and window of a batch; compiled: through torch.compile."""


def ids() -> torch.Tensor:
    """Random tokens [rows, window]."""
    return torch.randint(given["vocab"], (given["rows"], given["window"]))


def train(model: torch.nn.Module, *inputs: torch.Tensor) -> None:
    """AdamW on random targets: model(*inputs) gives logits [rows, window, vocab]."""
    weights, targets = list(model.parameters()), ids().flatten()
    optimizer = torch.optim.AdamW(weights, 1e-3, fused=True)

    def loss() -> torch.Tensor:
        return functional.cross_entropy(model(*inputs).flatten(0, 1), targets)

    computed = torch.compile(loss) if given["compiled"] else loss
    for _ in sys.stdin:
        began = time.perf_counter()
        optimizer.zero_grad()
        computed().backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        print(time.perf_counter() - began, flush=True)
