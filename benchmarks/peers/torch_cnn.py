"""Our gated convolutional model in torch. Runs in the Python that has torch: PYTHON torch_cnn.py JSON_SETTINGS

way: conv1d, torch's own layer, or product, the taps side by side and one matrix product, as ours.
"""

import torch
from _steps import given, ids, train
from torch.nn import functional

WIDTH, TAPS = given["width"], given["kernel"]


def padded(x: torch.Tensor, dilation: int, causal: bool) -> torch.Tensor:
    """x [n, t, d] with the zeros that the taps reach: all before it, or as many after."""
    reach = (TAPS - 1) * dilation
    before = reach if causal else reach // 2
    return functional.pad(x, (0, 0, before, reach - before))


class Convolution(torch.nn.Conv1d):
    """Gated: [n, t, d] to [n, t, d]."""

    def __init__(self, dilation: int, causal: bool) -> None:
        super().__init__(WIDTH, 2 * WIDTH, TAPS, dilation=dilation)
        self.reach = dilation, causal

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.glu(super().forward(padded(x, *self.reach).transpose(1, 2)), dim=1).transpose(1, 2)


class Product(torch.nn.Module):
    """The same by one product."""

    def __init__(self, dilation: int, causal: bool) -> None:
        super().__init__()
        self.reach = dilation, causal
        self.linear = torch.nn.Linear(TAPS * WIDTH, 2 * WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        wide = padded(x, *self.reach)
        taps = [wide[:, tap * self.reach[0] :][:, : x.shape[1]] for tap in range(TAPS)]
        return functional.glu(self.linear(torch.cat(taps, dim=-1)), dim=-1)


class Block(torch.nn.Module):
    """A convolution of a normalised copy, added back through a projection."""

    def __init__(self, dilation: int, causal: bool = True) -> None:
        super().__init__()
        self.norm, self.projection = torch.nn.RMSNorm(WIDTH), torch.nn.Linear(WIDTH, WIDTH, bias=False)
        self.convolution = {"conv1d": Convolution, "product": Product}[given["way"]](dilation, causal)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.projection(self.convolution(self.norm(x)))


class Model(torch.nn.Module):
    """Logits [n, t, vocab] of tokens [n, t]; the output is the embedding's matrix."""

    def __init__(self, vocab: int) -> None:
        super().__init__()
        self.embedding, self.norm = torch.nn.Embedding(vocab, WIDTH), torch.nn.RMSNorm(WIDTH)
        self.blocks = torch.nn.Sequential(*map(Block, given["dilations"]))
        self.output_bias = torch.nn.Parameter(torch.zeros(vocab))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.blocks(self.embedding(tokens)))
        return functional.linear(x, self.embedding.weight, self.output_bias)


if __name__ == "__main__":
    train(Model(given["vocab"]), ids())
