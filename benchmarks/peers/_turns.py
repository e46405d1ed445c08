"""What every decoding peer does: load once, then continue the prompts whenever asked, and say what that cost."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

given: dict[str, Any] = json.loads(sys.argv[1])
"""model: folder of the random GPT-2; prompts: .npy of ids [rows, t]; new: tokens to add to each; top_k: 0 for all."""

prompts: np.ndarray = np.load(Path(given["prompts"]))


def answer(run: Callable[..., int], **facts: Any) -> None:
    """For each line of settings, a JSON object, run(**settings) -> new tokens; one JSON object back.

    Among the settings is rows, how many of the prompts to continue.
    """
    print(json.dumps(facts), flush=True)
    for line in sys.stdin:
        began, used = time.perf_counter(), time.process_time()
        tokens = run(**json.loads(line))
        seconds = {"seconds": time.perf_counter() - began, "processor": time.process_time() - used}
        print(json.dumps({"tokens": tokens, **seconds}), flush=True)


def batches(rows: int, size: int) -> list[np.ndarray]:
    """The first prompts, so many at a time."""
    return [prompts[first : min(rows, first + size)] for first in range(0, rows, size)]
