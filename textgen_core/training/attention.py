"""Where a fresh encoder-decoder looks while it reads pairs, held-out ones where there are such, for its report."""

from __future__ import annotations

import json
from pathlib import Path

from textgen_core.datasets.stage import write_file
from textgen_core.models.encoder_decoder import EncoderDecoder
from textgen_core.models.interface import LanguageModel
from textgen_core.tokenization.interface import END, PAD, Tokenizer
from textgen_core.tokenization.pieces import piece_name
from textgen_core.training.pairs import PairPlaces
from textgen_core.training.trainer import Data

SHOWN, LONGEST = 2, 48
"""Pairs, and tokens of either side: what a page has room for."""


def write_attention(model: LanguageModel, tokenizer: Tokenizer, data: Data, path: Path) -> None:
    """Write the attention of some pairs, held out where there are such, as JSON; nothing where a model has none.

    Each has ``source`` and ``target``, the texts of their tokens, and ``weights`` [target, source].
    """
    if not isinstance(model, EncoderDecoder):
        return
    places = PairPlaces(data.validation if len(data.validation) else data.train)
    drawn, shown = places.some(SHOWN, LONGEST), []
    for source, length, target in zip(
        drawn.source.tolist(), drawn.lengths.tolist(), drawn.targets.tolist(), strict=True
    ):
        asked, said = source[:length], [token for token in target if token != PAD]
        weights = model.looks(asked, [token for token in said if token != END])
        if weights is None:
            return
        texts = {
            name: [piece_name(tokenizer.pieces[token]) for token in side]
            for name, side in (("source", asked), ("target", said))
        }
        shown.append({**texts, "weights": weights[: len(said)].round(4).tolist()})
    write_file(path, json.dumps(shown, ensure_ascii=False).encode())
