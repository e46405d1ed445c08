"""Our Transformer in torch, with its own attention. Runs in the Python that has torch:
PYTHON torch_transformer.py JSON_SETTINGS
"""

import torch
from _steps import given, ids, train
from torch.nn import functional

WIDTH, HEADS = given["width"], given["heads"]
DEPTH = WIDTH // HEADS


def linear(into: int, out: int) -> torch.nn.Linear:
    return torch.nn.Linear(into, out, bias=False)


def in_heads(x: torch.Tensor) -> torch.Tensor:
    """[n, t, w] as [n, h, t, d]."""
    return x.unflatten(-1, (HEADS, DEPTH)).transpose(1, 2)


class Rotary(torch.nn.Module):
    """x [n, h, t, d], turned by its positions."""

    def __init__(self) -> None:
        super().__init__()
        angles = torch.arange(given["window"])[:, None] * 10_000 ** (-torch.arange(DEPTH // 2) / (DEPTH // 2))
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first, second = x.chunk(2, dim=-1)
        return torch.cat([first * self.cos - second * self.sin, second * self.cos + first * self.sin], dim=-1)


class Attention(torch.nn.Module):
    """Of each position over those before it, or over all of them."""

    def __init__(self, causal: bool) -> None:
        super().__init__()
        self.causal, self.qkv, self.merge = causal, linear(WIDTH, 3 * WIDTH), linear(WIDTH, WIDTH)
        self.turn = Rotary() if given["positions"] == "rotary" else torch.nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = map(in_heads, self.qkv(x).chunk(3, dim=-1))
        mixed = functional.scaled_dot_product_attention(self.turn(q), self.turn(k), v, is_causal=self.causal)
        return self.merge(mixed.transpose(1, 2).flatten(2))


class FeedForward(torch.nn.Module):
    """SwiGLU."""

    def __init__(self, inner: int) -> None:
        super().__init__()
        self.up, self.down = linear(WIDTH, 2 * inner), linear(inner, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        gate, up = self.up(x).chunk(2, dim=-1)
        return self.down(functional.silu(gate) * up)


class Block(torch.nn.Module):
    """Attention, then a feed-forward, each of a normalised copy and added back."""

    def __init__(self, causal: bool = True) -> None:
        super().__init__()
        self.norms = torch.nn.ModuleList(torch.nn.RMSNorm(WIDTH) for _ in range(2))
        self.attention, self.feed = Attention(causal), FeedForward(given["feed_forward_width"])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.norms[0](x))
        return x + self.feed(self.norms[1](x))


class Model(torch.nn.Module):
    """Logits [n, t, vocab] of tokens [n, t]; the output is the embedding's matrix."""

    def __init__(self, vocab: int) -> None:
        super().__init__()
        self.embedding, self.norm = torch.nn.Embedding(vocab, WIDTH), torch.nn.RMSNorm(WIDTH)
        self.blocks = torch.nn.Sequential(*(Block() for _ in range(given["layers"])))
        self.output_bias = torch.nn.Parameter(torch.zeros(vocab))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.blocks(self.embedding(tokens)))
        return functional.linear(x, self.embedding.weight, self.output_bias)


if __name__ == "__main__":
    train(Model(given["vocab"]), ids())
