"""nanoGPT's CPU preset, trained by its own train.py and measured. Runs in the Python that has torch.

    cd CHECKOUT && PYTHON nanogpt.py DATA OUT

DATA holds train.bin and val.bin (uint16 ids from 0 on), OUT gets its checkpoint. Prints one JSON object: what
train.py's process costs from start to end, and nats a token of val.bin, twice over the same targets. windows_of_64:
separate windows. full_context: windows that slide by 16, of which the last 16 predictions count: each sees 49 to 64
tokens.
"""

import contextlib
import json
import pickle
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch

CONTEXT, SLIDE, ROWS = 64, 16, 128
PRESET = [
    *("--device=cpu", "--compile=False", "--dropout=0.0", f"--block_size={CONTEXT}", "--batch_size=12"),
    *("--n_layer=4", "--n_head=4", "--n_embd=128", "--max_iters=2000", "--lr_decay_iters=2000"),
    # Its README evaluates every 250 steps and logs each: left out, to its favour. One evaluation saves the weights.
    *("--eval_iters=20", "--eval_interval=2000", "--log_interval=100", "--always_save_checkpoint=True"),
]


def train(data: Path, out: Path) -> dict[str, float]:
    """What a whole run costs: seconds by the clock, and of the processors."""
    ids = np.fromfile(data / "train.bin", np.uint16)
    (data / "meta.pkl").write_bytes(pickle.dumps({"vocab_size": int(ids.max()) + 1}))
    places = [f"--dataset={data}", f"--out_dir={out}"]
    began = time.monotonic()
    command = [sys.executable, "train.py", "config/train_shakespeare_char.py", *PRESET, *places]
    subprocess.run(command, check=True, stdout=sys.stderr)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = {"wall_seconds": time.monotonic() - began, "processor_seconds": used.ru_utime + used.ru_stime}
    return {name: round(value, 1) for name, value in seconds.items()}


def load(out: Path) -> torch.nn.Module:
    sys.path.insert(0, ".")
    from model import GPT, GPTConfig

    checkpoint = torch.load(out / "ckpt.pt", map_location="cpu", weights_only=False)
    with contextlib.redirect_stdout(sys.stderr):  # it prints its size
        model = GPT(GPTConfig(**checkpoint["model_args"]))
    model.load_state_dict(checkpoint["model"])
    return model.eval()


@torch.no_grad()
def nats(model: torch.nn.Module, ids: torch.Tensor, starts: list[int], counted: int) -> list[torch.Tensor]:
    """Losses of the last so many targets of each window."""
    losses = []
    for first in range(0, len(starts), ROWS):
        windows = torch.stack([ids[start : start + CONTEXT + 1] for start in starts[first : first + ROWS]])
        targets = windows[:, 1:].contiguous()
        logits, _ = model(windows[:, :-1], targets)
        each = torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
        losses.append(each[:, -counted:].flatten())
    return losses


def main() -> None:
    data, out = map(Path, sys.argv[1:])
    cost = train(data, out)
    model, ids = load(out), torch.from_numpy(np.fromfile(data / "val.bin", np.uint16).astype(np.int64))
    targets = (len(ids) - 1) // CONTEXT * CONTEXT
    separate = nats(model, ids, list(range(0, targets, CONTEXT)), CONTEXT)
    sliding = nats(model, ids, [0], CONTEXT)
    sliding += nats(model, ids, list(range(SLIDE, targets - CONTEXT + 1, SLIDE)), SLIDE)
    figures = {"windows_of_64": torch.cat(separate), "full_context": torch.cat(sliding)}
    assert {len(losses) for losses in figures.values()} == {targets}
    means = {name: round(float(losses.mean()), 4) for name, losses in figures.items()}
    print(json.dumps({**cost, "targets": targets, **means}))


if __name__ == "__main__":
    main()
