"""KerasHub on TensorFlow: GPT2CausalLM.generate() on static batches, float32."""

import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import keras_hub
import numpy as np
import tensorflow as tf
from _turns import answer, batches, given

model = keras_hub.models.GPT2CausalLM.from_preset(str(Path(given["model"]) / "hf"), preprocessor=None)
sampler = keras_hub.samplers.TopKSampler(given["top_k"]) if given["top_k"] else keras_hub.samplers.RandomSampler()
compiled: list[bool] = []


def run(rows: int, batch: int, xla: bool) -> int:
    """One batch after the other; TensorFlow itself uses all cores."""
    if compiled != [xla]:
        model.compile(sampler=sampler, jit_compile=xla)
        compiled[:] = [xla]
    new = given["new"]
    for each in batches(rows, batch):
        tokens = np.pad(each.astype(np.int32), ((0, 0), (0, new)))
        mask = np.pad(np.ones_like(each, dtype=bool), ((0, 0), (0, new)))
        out = model.generate({"token_ids": tokens, "padding_mask": mask}, stop_token_ids=None)
        assert out["token_ids"].shape == tokens.shape
    return new * rows


answer(run, version=keras_hub.__version__, keras=keras.__version__, tensorflow=tf.__version__)
