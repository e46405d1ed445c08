"""Where an encoder-decoder looked in the source while it wrote each token of a target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textgen_core.decoding.request import Completion
from textgen_core.generation.attending import no_attention
from textgen_core.generation.preview import engine_for, request_for
from textgen_core.generation.settings import GenerationOptions
from textgen_core.models.encoder_decoder import EncoderDecoder
from textgen_core.models.interface import LanguageModel
from textgen_core.tokenization.interface import SEPARATOR, Tokenizer
from textgen_core.tokenization.pieces import piece_name


@dataclass(frozen=True, slots=True)
class Alignment:
    """A target beside its source.

    Attributes:
        text: the target as it was written, after its prefix.
        source: the text of each of the source's tokens, or the digits of its bytes where these are no characters by
            themselves; the first, its beginning, has none.
        target: the same of each of the target's, those of a prefix included; the end has none.
        weights: float32 [target, source], how much of the look before each token fell on each of the source's.
    """

    text: str
    source: list[str]
    target: list[str]
    weights: np.ndarray


def align(
    model: LanguageModel,
    tokenizer: Tokenizer,
    prompt: str,
    options: GenerationOptions,
    device: str = "cpu",
    prefix: str = "",
) -> Alignment:
    """The target that ``continue_prompt`` writes from the prompt, and where each of its tokens came from.

    Raises:
        InputError: the model has no attention to a source.
        SettingsError: max_new_tokens leaves no room for a prompt in the model's context.
    """
    if not isinstance(model, EncoderDecoder):
        raise no_attention(f"a model of the family {model.name}")
    request = request_for(model, tokenizer, prompt, options, prefix)
    begin = request.tokens.index(SEPARATOR)
    source = request.tokens[:begin]
    if model.looks(source, ()) is None:
        raise no_attention("a model with attention none")
    news = engine_for(request, model, tokenizer, device).stream(request)
    written = next(each for each in news if isinstance(each, Completion))
    target = (*request.tokens[begin + 1 :], *written.tokens)
    texts = [piece_name(tokenizer.pieces[token]) for token in target] + [""] * (written.finish_reason == "end")
    return Alignment(
        text=written.text,
        source=[piece_name(tokenizer.pieces[token]) for token in source],
        target=texts,
        weights=np.asarray(model.looks(source, target))[: len(texts)],
    )
