"""Our recurrent encoder-decoder in torch, with dot attention. Runs in the Python that has torch:
PYTHON torch_seq2seq_rnn.py JSON_SETTINGS
"""

import torch
from _steps import given, ids, train
from torch.nn import functional

UNITS = given["units"]


class Model(torch.nn.Module):
    """Logits [n, t, vocab] of a target's tokens [n, t] after a source's [n, s]; one layer each."""

    def __init__(self, vocab: int) -> None:
        super().__init__()
        self.embedding, self.output = torch.nn.Embedding(vocab, UNITS), torch.nn.Linear(UNITS, vocab)
        self.encoder = torch.nn.LSTM(UNITS, UNITS // 2, batch_first=True, bidirectional=True)
        self.bridge = torch.nn.Linear(UNITS, 2 * UNITS)
        self.decoder = torch.nn.LSTM(UNITS, UNITS, batch_first=True)
        self.key = torch.nn.Linear(UNITS, UNITS, bias=False)
        self.merge = torch.nn.Linear(2 * UNITS, UNITS, bias=False)

    def forward(self, source: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        memory, (last, _) = self.encoder(self.embedding(source))
        h, c = torch.tanh(self.bridge(last.transpose(0, 1).flatten(1)))[None].chunk(2, dim=-1)
        x, _ = self.decoder(self.embedding(tokens), (h.contiguous(), c.contiguous()))
        seen = functional.scaled_dot_product_attention(x, self.key(memory), memory, scale=1.0)
        return self.output(torch.tanh(self.merge(torch.cat([x, seen], dim=-1))))


if __name__ == "__main__":
    train(Model(given["vocab"]), ids(), ids())
