"""A language model of torch.nn.LSTM. Runs in the Python that has torch: PYTHON torch_lstm.py JSON_SETTINGS"""

import torch
from _steps import given, ids, train


class Model(torch.nn.Module):
    """Logits [n, t, vocab] of tokens [n, t]."""

    def __init__(self, vocab: int, units: int) -> None:
        super().__init__()
        self.embedding, self.output = torch.nn.Embedding(vocab, units), torch.nn.Linear(units, vocab)
        self.layers = torch.nn.LSTM(units, units, given["layers"], batch_first=True)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.output(self.layers(self.embedding(tokens))[0])


if __name__ == "__main__":
    train(Model(given["vocab"], given["units"]), ids())
