"""The same training step with torch.nn.LSTM. Runs in the Python that has torch: PYTHON torch_lstm.py JSON_SETTINGS

Takes one step for every line it reads, and answers each with the seconds it took.
"""

import json
import sys
import time

import torch


def main() -> None:
    given = json.loads(sys.argv[1])
    units, vocab = given["units"], given["vocab"]
    embedding, output = torch.nn.Embedding(vocab, units), torch.nn.Linear(units, vocab)
    layers = torch.nn.LSTM(units, units, given["layers"], batch_first=True)
    weights = [weight for module in (embedding, layers, output) for weight in module.parameters()]
    optimizer = torch.optim.AdamW(weights, 1e-3)
    ids = torch.randint(vocab, (given["rows"], given["window"] + 1))
    tokens, targets = ids[:, :-1].contiguous(), ids[:, 1:].flatten()
    for _ in sys.stdin:
        began = time.perf_counter()
        optimizer.zero_grad()
        logits = output(layers(embedding(tokens))[0])
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets).backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main()
