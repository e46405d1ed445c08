"""Our convolutional encoder-decoder in torch. Runs in the Python that has torch: PYTHON torch_seq2seq_cnn.py JSON"""

import torch
from _steps import given, ids, train
from torch.nn import functional
from torch_cnn import WIDTH, Block


class DecoderBlock(torch.nn.Module):
    """A causal convolution, then attention to the source by one head."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.block, self.norm = Block(dilation), torch.nn.RMSNorm(WIDTH)
        names = ("query", "key", "value", "merge")
        self.linear = torch.nn.ModuleDict({name: torch.nn.Linear(WIDTH, WIDTH, bias=False) for name in names})

    def forward(self, x: torch.Tensor, own: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        x = self.block(x)
        queries, keys = self.linear["query"](self.norm(x) + own), self.linear["key"](keys)
        seen = functional.scaled_dot_product_attention(queries, keys, self.linear["value"](values))
        return x + self.linear["merge"](seen)


class Model(torch.nn.Module):
    """Logits [n, t, vocab] of a target's tokens [n, t] after a source's [n, s]."""

    def __init__(self, vocab: int) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(vocab, WIDTH)
        self.positions = torch.nn.ModuleList(torch.nn.Embedding(given["context"], WIDTH) for _ in range(2))
        self.encoder = torch.nn.Sequential(*(Block(dilation, causal=False) for dilation in given["encoder_dilations"]))
        self.decoder = torch.nn.ModuleList(map(DecoderBlock, given["dilations"]))
        self.norms = torch.nn.ModuleList(torch.nn.RMSNorm(WIDTH) for _ in range(2))
        self.output_bias = torch.nn.Parameter(torch.zeros(vocab))

    def forward(self, source: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        asked, own = (
            self.embedding(side) + positions.weight[: side.shape[1]]
            for side, positions in zip((source, tokens), self.positions, strict=True)
        )
        memory, x = self.norms[0](self.encoder(asked)), own
        for block in self.decoder:
            x = block(x, own, memory, memory + asked)
        return functional.linear(self.norms[1](x), self.embedding.weight, self.output_bias)


if __name__ == "__main__":
    train(Model(given["vocab"]), ids(), ids())
