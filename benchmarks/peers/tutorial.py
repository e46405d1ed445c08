"""The tutorial way: Keras' predict on a one-hot window of the last 40 characters, one text, one character at a time."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
from _turns import answer, given, prompts

WINDOW, VOCAB = 40, given["vocab"]
layers = [keras.layers.LSTM(given["units"], return_sequences=i + 1 < given["layers"]) for i in range(given["layers"])]
model = keras.Sequential([keras.Input((WINDOW, VOCAB)), *layers, keras.layers.Dense(VOCAB, "softmax")])
draw = np.random.default_rng(0)


def run(rows: int) -> int:
    """The first texts, one after the other."""
    for prompt in prompts[:rows].tolist():
        text = [0] * (WINDOW - len(prompt)) + prompt
        for _ in range(given["new"]):
            window = np.eye(VOCAB, dtype=np.float32)[text[-WINDOW:]][None]
            chances = model.predict(window, verbose=0)[0].astype(np.float64)
            text.append(int(draw.choice(VOCAB, p=chances / chances.sum())))
    return rows * given["new"]


answer(run, keras=keras.__version__)
