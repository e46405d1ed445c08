"""Run by the Python of the benchmarks' peers: random GPT-2s by Hugging Face transformers, and what it makes of ours.

PYTHON peer.py make FOLDER     reads FOLDER/given.json; leaves each model, with its logits, in FOLDER/NAME
PYTHON peer.py read FOLDER     leaves logits.npy and ids.json beside every model that lies in FOLDER
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

LARGE = 0.3  # standard deviation of initial weights: with 0.02 all logits are about zero


def make(folder):
    given = json.loads((folder / "given.json").read_text())
    torch.manual_seed(0)
    for name, config in given["configs"].items():
        home = folder / name
        model = GPT2LMHeadModel(GPT2Config(**config, initializer_range=LARGE)).eval()
        for weight in model.parameters():  # biases of zero and gains of one hide faults
            weight.data += 0.1 * torch.randn_like(weight)
        model.save_pretrained(home, **given["saving"].get(name, {}))
        merges = [tuple(pair) for pair in given["merges"]]
        GPT2Tokenizer(vocab=given["vocab"], merges=merges).save_pretrained(home)
        answer(home, model, given)


def read(folder):
    given = json.loads((folder / "given.json").read_text())
    for home in sorted(path.parent for path in folder.glob("*/config.json")):
        answer(home, AutoModelForCausalLM.from_pretrained(home).eval(), given)


def answer(home, model, given):
    tokenizer = AutoTokenizer.from_pretrained(home)
    texts = given["texts"]
    (home / "ids.json").write_text(json.dumps([tokenizer(text)["input_ids"] for text in texts]))
    ends = [tokenizer.bos_token_id, tokenizer.eos_token_id, model.config.eos_token_id]
    (home / "ends.json").write_text(json.dumps(ends))
    with torch.inference_mode():
        logits = model(torch.from_numpy(np.load(home.parent / "tokens.npy"))).logits
    np.save(home / "logits.npy", logits.numpy())


if __name__ == "__main__":
    {"make": make, "read": read}[sys.argv[1]](Path(sys.argv[2]))
