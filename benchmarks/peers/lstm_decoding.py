"""A stepping loop in torch: embedding, LSTM layers, tied output; each character drawn by multinomial, float32."""

from concurrent.futures import ThreadPoolExecutor

import torch
from _turns import answer, batches, given

CORES = torch.get_num_threads()
UNITS, VOCAB = given["units"], given["vocab"]
embedding = torch.nn.Embedding(VOCAB, UNITS)
stack = torch.nn.LSTM(UNITS, UNITS, given["layers"], batch_first=True)


@torch.inference_mode()
def decode(rows: torch.Tensor, threads: int) -> int:
    torch.set_num_threads(threads)
    out, state = stack(embedding(rows))
    drawn = []
    for step in range(given["new"]):
        logits = torch.nn.functional.linear(out[:, -1], embedding.weight)
        token = torch.multinomial(torch.softmax(logits, -1), 1)
        drawn.append(token)
        if step + 1 < given["new"]:
            out, state = stack(embedding(token), state)
    return torch.cat(drawn, 1).numel()


def run(rows: int, batch: int, workers: int) -> int:
    """workers threads decode a batch each, with the cores shared out among them."""
    with ThreadPoolExecutor(workers) as pool:
        chosen = [torch.from_numpy(each).long() for each in batches(rows, batch)]
        return sum(pool.map(lambda each: decode(each, CORES // workers), chosen))


answer(run, torch=torch.__version__)
