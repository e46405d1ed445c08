"""Small random GPT-2 directories as Hugging Face's library leaves them, written without it."""

import json

import numpy as np
from safetensors.numpy import save_file

from textgen_core.tokenization.subword_training import byte_alphabet

END = "<|endoftext|>"
MERGES = [("t", "h"), ("th", "e"), ("Ġ", "the"), ("Ġ", "c"), ("a", "t"), ("Ġc", "at"), ("i", "n")]
TOKENS = [*sorted(byte_alphabet()), *(first + second for first, second in MERGES)]
IDS = len(TOKENS) + 1

CONFIG = {
    "model_type": "gpt2",
    "architectures": ["GPT2LMHeadModel"],
    "vocab_size": IDS,
    "n_positions": 16,
    "n_embd": 8,
    "n_layer": 2,
    "n_head": 2,
    "n_inner": None,
    "activation_function": "gelu_new",
    "layer_norm_epsilon": 1e-5,
    "resid_pdrop": 0.1,
    "initializer_range": 0.02,
    "bos_token_id": IDS - 1,
    "eos_token_id": IDS - 1,
}


def config(**change):
    return CONFIG | change


def tensors(config, seed=0):
    """Random ones, by their names in GPT2LMHeadModel."""
    random = np.random.default_rng(seed)
    width, inner = config["n_embd"], config.get("n_inner") or 4 * config["n_embd"]
    shapes = {
        "wte.weight": (config["vocab_size"], width),
        "wpe.weight": (config["n_positions"], width),
        "ln_f.weight": (width,),
        "ln_f.bias": (width,),
    }
    for layer in range(config["n_layer"]):
        for name, (rows, columns) in {
            "attn.c_attn": (width, 3 * width),
            "attn.c_proj": (width, width),
            "mlp.c_fc": (width, inner),
            "mlp.c_proj": (inner, width),
        }.items():
            shapes |= {f"h.{layer}.{name}.weight": (rows, columns), f"h.{layer}.{name}.bias": (columns,)}
        for name in ("ln_1", "ln_2"):
            shapes |= {f"h.{layer}.{name}.weight": (width,), f"h.{layer}.{name}.bias": (width,)}
    named = {f"transformer.{name}": shape for name, shape in shapes.items()}
    if not config.get("tie_word_embeddings", True):
        named["lm_head.weight"] = (config["vocab_size"], width)
    return {name: random.normal(0, 0.3, shape).astype("float32") for name, shape in named.items()}


def added(id, content):
    plain = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": id, "content": content, "special": True, **plain}


def tokenizer(first=False, **change):
    """The document of tokenizer.json. first: the end is id 0, as of those who train their own; else the last."""
    order = [END, *TOKENS] if first else [*TOKENS, END]
    vocab = {token: id for id, token in enumerate(order)}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    document = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [added(vocab[END], END)],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": byte_level,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "vocab": vocab,
            "merges": [" ".join(pair) for pair in MERGES],
        },
    }
    return document | change


def write(directory, config=CONFIG, document=None, weights=None):
    """A whole directory; its path."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "config.json").write_text(json.dumps(config))
    save_file(tensors(config) if weights is None else weights, directory / "model.safetensors", {"format": "pt"})
    (directory / "tokenizer.json").write_text(json.dumps(document or tokenizer()))
    return directory
