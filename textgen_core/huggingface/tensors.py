"""GPT-2's tensors in both worlds.

Ours holds a row of the embedding for each of our ids: PAD, which GPT-2 does not have and whose row is zero; END, which
is its ``<|endoftext|>``; then its other tokens in their order. So ``ids`` says, of each of our ids but PAD, which
of its rows it has. Matrices are [in, out] in both; only an output of its own (``lm_head``) is [out, in] there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from textgen_core.models.settings import TransformerSettings

Tensors = Mapping[str, np.ndarray]

BLOCK = {
    "ln_1.weight": "attention_norm/gamma",
    "ln_1.bias": "attention_norm/beta",
    "attn.c_attn.weight": "attention/qkv/kernel",
    "attn.c_attn.bias": "attention/qkv/bias",
    "attn.c_proj.weight": "attention/merge/kernel",
    "attn.c_proj.bias": "attention/merge/bias",
    "ln_2.weight": "feed_norm/gamma",
    "ln_2.bias": "feed_norm/beta",
    "mlp.c_fc.weight": "up/kernel",
    "mlp.c_fc.bias": "up/bias",
    "mlp.c_proj.weight": "down/kernel",
    "mlp.c_proj.bias": "down/bias",
}
OTHERS = {"wpe.weight": "positions/embeddings", "ln_f.weight": "norm/gamma", "ln_f.bias": "norm/beta"}
INPUT, OUTPUT = "wte.weight", "lm_head.weight"
OUR_INPUT, OUR_OUTPUT = "embedding/embeddings", "embedding/output_kernel"


def names(layers: int) -> dict[str, str]:
    """Our names by theirs, of all that is the same in both."""
    blocks = {f"h.{i}.{name}": f"block_{i}/{ours}" for i in range(layers) for name, ours in BLOCK.items()}
    return OTHERS | blocks


def shapes(settings: TransformerSettings, ids: int) -> dict[str, tuple[int, ...]]:
    """The shape of each of their tensors, of a model with so many ids."""
    width, inner = settings.width, settings.feed_forward_width
    of_block: dict[str, tuple[int, ...]] = dict.fromkeys(BLOCK, (width,)) | {
        "attn.c_attn.weight": (width, 3 * width),
        "attn.c_attn.bias": (3 * width,),
        "attn.c_proj.weight": (width, width),
        "mlp.c_fc.weight": (width, inner),
        "mlp.c_fc.bias": (inner,),
        "mlp.c_proj.weight": (inner, width),
    }
    blocks = {f"h.{i}.{name}": shape for i in range(settings.layers) for name, shape in of_block.items()}
    embeddings = {INPUT: (ids, width)} | ({} if settings.tied else {OUTPUT: (ids, width)})
    return (
        embeddings | {"wpe.weight": (settings.context, width), "ln_f.weight": (width,), "ln_f.bias": (width,)} | blocks
    )


def to_ours(theirs: Tensors, settings: TransformerSettings, ids: Sequence[int]) -> dict[str, np.ndarray]:
    """Our weights, of their tensors."""
    ours = {our: theirs[name] for name, our in names(settings.layers).items()}
    ours[OUR_INPUT] = _with_padding(theirs[INPUT], ids)
    if not settings.tied:
        ours[OUR_OUTPUT] = _with_padding(theirs[OUTPUT], ids).T
    return ours


def to_theirs(ours: Tensors, settings: TransformerSettings, ids: Sequence[int]) -> dict[str, np.ndarray]:
    """Their tensors, of our weights."""
    theirs = {name: ours[our] for name, our in names(settings.layers).items()}
    theirs[INPUT] = _without_padding(ours[OUR_INPUT], ids)
    if not settings.tied:
        theirs[OUTPUT] = _without_padding(ours[OUR_OUTPUT].T, ids)
    return theirs


def _with_padding(table: np.ndarray, ids: Sequence[int]) -> np.ndarray:
    """[1 + len(ids), width]: zeros for PAD, then the rows of ids."""
    return np.concatenate([np.zeros_like(table[:1]), table[list(ids)]])


def _without_padding(table: np.ndarray, ids: Sequence[int]) -> np.ndarray:
    """[len(ids), width]: row ids[i] is that of our id i + 1."""
    rows = np.empty_like(table[1:])
    rows[list(ids)] = table[1:]
    return rows
