"""A model in the hand: one prompt continued while one looks on."""

from __future__ import annotations

from collections.abc import Iterator

from textgen_core.decoding.constraints.bank import Bank
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Completion, Request
from textgen_core.errors import InputError
from textgen_core.generation.plan import Plan
from textgen_core.generation.refusal import Refusal
from textgen_core.generation.seeds import Seed, key_of_prompt
from textgen_core.generation.settings import GenerationOptions
from textgen_core.models.interface import LanguageModel
from textgen_core.tokenization.incremental import IncrementalDecoder
from textgen_core.tokenization.interface import Tokenizer

STREAM_CHUNK = 4
"""Steps between two pieces of text: few enough to see it move."""


def continue_prompt(
    model: LanguageModel,
    tokenizer: Tokenizer,
    prompt: str,
    options: GenerationOptions,
    device: str = "cpu",
    prefix: str = "",
) -> Iterator[str]:
    """The continuation in pieces, as they come; a beam search gives its best at the end.

    What is asked is checked at once, before a first piece is taken. It is the first text that a job with these options
    gives for a seed file with this prompt and no ids. Of a model of pairs it goes on from prefix.

    Raises:
        SettingsError: max_new_tokens leaves no room for a prompt in the model's context.
        InputError: there is a prefix, and the model is none of pairs.
    """
    request = request_for(model, tokenizer, prompt, options, prefix)
    return _pieces(engine_for(request, model, tokenizer, device), request, tokenizer, options)


def _pieces(engine: Engine, request: Request, tokenizer: Tokenizer, options: GenerationOptions) -> Iterator[str]:
    decoder = IncrementalDecoder(tokenizer)
    text, shown, read = "", 0, 0
    held_back = max(map(len, options.stop), default=1) - 1  # may yet turn out to begin a stop string
    for news in engine.stream(request):
        if isinstance(news, Completion):
            yield news.text[shown:]
            return
        text += decoder.feed(news[read:])
        read = len(news)
        if len(text) - held_back > shown:
            yield text[shown : len(text) - held_back]
            shown = len(text) - held_back


def engine_for(request: Request, model: LanguageModel, tokenizer: Tokenizer, device: str) -> Engine:
    """An engine for one request."""
    bank = None if request.constraint is None else Bank(model.vocab_size, [request.constraint], of_rows=False)
    return Engine(model, tokenizer, [request.sampler], lanes=1, device=device, chunk=STREAM_CHUNK, bank=bank)


def request_for(
    model: LanguageModel, tokenizer: Tokenizer, prompt: str, options: GenerationOptions, prefix: str = ""
) -> Request:
    """The first request of a job with one seed.

    Raises:
        InputError: there is a prefix, and the model is none of pairs.
    """
    if prefix and not model.pairs:
        raise InputError(
            "a prefix begins the target of a model of pairs", "a model that continues text", "Write it into the prompt"
        )
    plan = Plan(options, tokenizer, model.max_context, "", model.pairs, model.reads_source)
    planned = plan.of([Seed(key_of_prompt(prompt, 0), prompt, {}, {}, prefix)])[0]
    if isinstance(planned, Refusal):
        raise InputError(planned.message)
    return planned.requests[0]
