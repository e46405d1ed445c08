"""Hugging Face transformers: generate() on static batches, float32, its default attention and cache."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
import transformers
from _turns import answer, batches, given

CORES = torch.get_num_threads()
model = transformers.AutoModelForCausalLM.from_pretrained(Path(given["model"]) / "hf").eval()
model.generation_config.eos_token_id = None  # every row has its full length


def decode(rows: torch.Tensor, threads: int) -> int:
    torch.set_num_threads(threads)
    new = {"max_new_tokens": given["new"], "do_sample": True, "top_k": given["top_k"], "pad_token_id": 1}
    with torch.inference_mode():
        out = model.generate(input_ids=rows, attention_mask=torch.ones_like(rows), **new)
    return out[:, rows.shape[1] :].numel()


def run(rows: int, batch: int, workers: int) -> int:
    """workers threads decode a batch each, with the cores shared out among them."""
    with ThreadPoolExecutor(workers) as pool:
        chosen = [torch.from_numpy(each).long() for each in batches(rows, batch)]
        done = [pool.submit(decode, each, CORES // workers) for each in chosen]
        return sum(future.result() for future in done)


answer(run, version=transformers.__version__, torch=torch.__version__)
