"""The limit: the matrix products of a decoding step and nothing else, float32, by oneDNN in torch."""

from concurrent.futures import ThreadPoolExecutor

import torch
from _turns import answer, given

CORES = torch.get_num_threads()
weights = [torch.randn(shape) for shape in given["products"]]


@torch.inference_mode()
def steps(batch: int, threads: int, repeats: int) -> None:
    torch.set_num_threads(threads)
    rows = {weight.shape[0]: torch.randn(batch, weight.shape[0]) for weight in weights}
    for _ in range(repeats):
        for weight in weights:
            torch.mm(rows[weight.shape[0]], weight)


def run(rows: int, batch: int, workers: int) -> int:
    """So many rows of the batch a product, for as many steps as rows would need.

    workers threads do a product each, with the cores shared out among them.
    """
    repeats = max(1, rows * given["new"] // (batch * workers))
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(steps, batch, CORES // workers, repeats) for _ in range(workers)]:
            done.result()
    return batch * workers * repeats


answer(run, torch=torch.__version__)
