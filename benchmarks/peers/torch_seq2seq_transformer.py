"""Our Transformer encoder-decoder in torch. Runs in the Python that has torch:
PYTHON torch_seq2seq_transformer.py JSON_SETTINGS
"""

import torch
from _steps import given, ids, train
from torch.nn import functional
from torch_transformer import WIDTH, Block, in_heads, linear


class CrossAttention(torch.nn.Module):
    """Of each target position over a source [n, s, w]."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.keys_and_values = linear(WIDTH, WIDTH), linear(WIDTH, 2 * WIDTH)
        self.merge = linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
        k, v = map(in_heads, self.keys_and_values(source).chunk(2, dim=-1))
        mixed = functional.scaled_dot_product_attention(in_heads(self.query(x)), k, v)
        return self.merge(mixed.transpose(1, 2).flatten(2))


class DecoderBlock(Block):
    """With attention to the source between the halves."""

    def __init__(self) -> None:
        super().__init__()
        self.norms.append(torch.nn.RMSNorm(WIDTH))
        self.cross = CrossAttention()

    def forward(self, x: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.norms[0](x))
        x = x + self.cross(self.norms[2](x), source)
        return x + self.feed(self.norms[1](x))


class Model(torch.nn.Module):
    """Logits [n, t, vocab] of a target's tokens [n, t] after a source's [n, s]."""

    def __init__(self, vocab: int) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(vocab, WIDTH)
        self.positions = torch.nn.ModuleList(torch.nn.Embedding(given["context"], WIDTH) for _ in range(2))
        self.encoder = torch.nn.Sequential(*(Block(causal=False) for _ in range(given["encoder_depth"])))
        self.decoder = torch.nn.ModuleList(DecoderBlock() for _ in range(given["layers"]))
        self.norms = torch.nn.ModuleList(torch.nn.RMSNorm(WIDTH) for _ in range(2))
        self.output_bias = torch.nn.Parameter(torch.zeros(vocab))

    def forward(self, source: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        memory, x = (
            self.embedding(side) + positions.weight[: side.shape[1]]
            for side, positions in zip((source, tokens), self.positions, strict=True)
        )
        memory = self.norms[0](self.encoder(memory))
        for block in self.decoder:
            x = block(x, memory)
        return functional.linear(self.norms[1](x), self.embedding.weight, self.output_bias)


if __name__ == "__main__":
    train(Model(given["vocab"]), ids(), ids())
