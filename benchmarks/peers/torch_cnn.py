"""The same training step of a gated convolutional model in torch. Runs in the Python that has torch:
PYTHON torch_cnn.py JSON_SETTINGS

Takes one step for every line it reads, and answers each with the seconds it took. way: conv1d, torch's own layer, or
product, the taps side by side and one matrix product, as ours. compiled: through torch.compile.
"""

import json
import sys
import time

import torch
from torch.nn import functional

given = json.loads(sys.argv[1])
ROWS, WINDOW, VOCAB = given["rows"], given["window"], given["vocab"]
WIDTH, TAPS, LAYERS = given["width"], given["kernel"], given["layers"]


class Convolution(torch.nn.Conv1d):
    """Causal and gated: [n, t, d] to [n, t, d]."""

    def __init__(self, dilation: int) -> None:
        super().__init__(WIDTH, 2 * WIDTH, TAPS, dilation=dilation)
        self.reach = (TAPS - 1) * dilation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        padded = functional.pad(x.transpose(1, 2), (self.reach, 0))
        return functional.glu(super().forward(padded), dim=1).transpose(1, 2)


class Product(torch.nn.Module):
    """The same by one product."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.dilation, self.reach = dilation, (TAPS - 1) * dilation
        self.linear = torch.nn.Linear(TAPS * WIDTH, 2 * WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        padded = functional.pad(x, (0, 0, self.reach, 0))
        taps = [padded[:, start : start + x.shape[1]] for start in range(0, self.reach + 1, self.dilation)]
        return functional.glu(self.linear(torch.cat(taps, dim=-1)), dim=-1)


class Model(torch.nn.Module):
    """Embedding, residual blocks on a normalised stream, tied output: logits [n, t, vocab]."""

    def __init__(self) -> None:
        super().__init__()
        made = {"conv1d": Convolution, "product": Product}[given["way"]]
        self.embedding = torch.nn.Embedding(VOCAB, WIDTH)
        self.norms = torch.nn.ModuleList(torch.nn.RMSNorm(WIDTH) for _ in range(LAYERS + 1))
        self.convolutions = torch.nn.ModuleList(made(dilation) for dilation in given["dilations"])
        self.projections = torch.nn.ModuleList(torch.nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(LAYERS))
        self.output_bias = torch.nn.Parameter(torch.zeros(VOCAB))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.embedding(tokens)
        for norm, convolution, projection in zip(self.norms, self.convolutions, self.projections, strict=False):
            x = x + projection(convolution(norm(x)))
        return functional.linear(self.norms[-1](x), self.embedding.weight, self.output_bias)


def main() -> None:
    model = Model()
    weights = list(model.parameters())
    optimizer = torch.optim.AdamW(weights, 1e-3)
    ids = torch.randint(VOCAB, (ROWS, WINDOW + 1))
    tokens, targets = ids[:, :-1].contiguous(), ids[:, 1:].flatten()

    def loss() -> torch.Tensor:
        return functional.cross_entropy(model(tokens).flatten(0, 1), targets)

    computed = torch.compile(loss) if given["compiled"] else loss
    for _ in sys.stdin:
        began = time.perf_counter()
        optimizer.zero_grad()
        computed().backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main()
