"""From a seed to the requests that the engine is given for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from textgen_core.decoding.constraints.automaton import TokenAutomaton
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import KNOBS as SAMPLER_KNOBS
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.errors import SettingsError
from textgen_core.faults import faults
from textgen_core.generation.constraining import Constraining
from textgen_core.generation.knobs import read_knob
from textgen_core.generation.refusal import Refusal
from textgen_core.generation.seeds import PREFIX, Seed
from textgen_core.generation.settings import GenerationOptions
from textgen_core.settings import validated
from textgen_core.tokenization.interface import END, SEPARATOR, Tokenizer


@dataclass(frozen=True, slots=True)
class Planned:
    """A seed's requests in the order of their rows, each tagged with its sampler's name, and what their rows share."""

    requests: tuple[Request, ...]
    columns: dict[str, Any]


class Plan:
    """What a job makes of every seed.

    Args:
        max_context: the model's.
        pairs: whether it learned from pairs: prompts are then sources, and a row's prefix begins its target.
        reads_source: whether it is an encoder-decoder, which learned from the beginnings of sources that are too long.

    Raises:
        SettingsError: max_new_tokens leaves no room for a prompt in the model's context, or a constraint can't be kept.
    """

    def __init__(
        self,
        options: GenerationOptions,
        tokenizer: Tokenizer,
        max_context: int | None,
        model_id: str,
        pairs: bool = False,
        reads_source: bool = False,
    ) -> None:
        self._options = options
        self._tokenizer = tokenizer
        self._vocabulary = Vocabulary(tokenizer, tokenizer.vocab_size)
        self.constraining = Constraining(options, tokenizer)
        self._max_context = max_context
        self._model_id = model_id
        self._pairs, self._reads_source = pairs, reads_source
        if self._room(options.max_new_tokens) - pairs < 1:
            raise SettingsError(
                "max_new_tokens must leave room for a prompt",
                f"{options.max_new_tokens}, the model's context is {max_context} tokens",
                f"Set it to {(max_context or 0) // 2} or so, or train with a longer context",
            )

    def of(self, seeds: Sequence[Seed | Refusal]) -> list[Planned | Refusal]:
        """The requests of each seed, or why there are none."""
        usable = [seed for seed in seeds if isinstance(seed, Seed)]
        prompts = iter(self._tokenizer.encode([seed.prompt for seed in usable]))
        endings = iter(self._endings(usable))
        return [self._of(seed, next(prompts), next(endings)) if isinstance(seed, Seed) else seed for seed in seeds]

    def _endings(self, seeds: Sequence[Seed]) -> list[tuple[int, ...]]:
        """What stands after each prompt: of a source, what parts it from the target, and how that begins."""
        if not self._pairs:
            return [()] * len(seeds)
        prefixes = self._tokenizer.encode([seed.prefix if isinstance(seed.prefix, str) else "" for seed in seeds])
        return [(SEPARATOR, *prefix) for prefix in prefixes]

    def _of(self, seed: Seed, prompt: Sequence[int], ending: tuple[int, ...]) -> Planned | Refusal:
        if self._pairs and not isinstance(seed.prefix, str | None):
            message = f"{PREFIX} must be text; received: {type(seed.prefix).__name__}. Leave it empty, or write text"
            return Refusal("no-text", message, seed.prompt)
        try:
            options, samplers = self._options_of(seed), self._samplers_of(seed)
        except SettingsError as error:
            return Refusal("bad-knob", str(error), seed.prompt)
        except ValidationError as error:
            return Refusal("bad-knob", "; ".join(map(str, faults(SamplerSettings, error))), seed.prompt)
        if options.until is not None and not all(s.independent and s.n_best == 1 for s in samplers.values()):
            message = "until needs draws of one text; received: temperature 0, or n_best above 1. Leave that out"
            return Refusal("bad-knob", message, seed.prompt)
        try:
            constraint = self.constraining.of(seed, options, samplers.values())
        except SettingsError as error:
            return Refusal("bad-constraint", str(error), seed.prompt)
        room = self._room(options.max_new_tokens) - len(ending)
        if room < 1:
            begun = f" and a prefix of {len(ending) - 1} tokens" if len(ending) > 1 else ""
            message = f"max_new_tokens must leave room for a prompt; received: {options.max_new_tokens}{begun}"
            return Refusal("bad-knob", f"{message}, the model's context is {self._max_context} tokens", seed.prompt)
        tokens = (END, *prompt)
        if len(tokens) > room and options.too_long == "reject":
            message = f"a prompt must have at most {room} tokens; received: {len(tokens)}. Shorten it, or set too_long"
            return Refusal("too-long", message, seed.prompt)
        columns = {**seed.own, "seed_id": seed.key, "prompt": seed.prompt, "model_id": self._model_id}
        columns["prompt_cut"] = len(tokens) > room
        used = tokens[:room] if self._reads_source else tokens[-room:]
        return Planned(tuple(self._requests(seed.key, (*used, *ending), options, samplers, constraint)), columns)

    def _requests(
        self,
        key: str,
        tokens: tuple[int, ...],
        options: GenerationOptions,
        samplers: dict[str, SamplerSettings],
        constraint: TokenAutomaton | None,
    ) -> Iterator[Request]:
        for name, sampler in samplers.items():
            for index in range(options.samples if sampler.independent else 1):
                yield Request(
                    key=key,
                    tokens=tokens,
                    sampler=sampler,
                    max_new_tokens=options.max_new_tokens,
                    sample_index=index,
                    stop=options.stop,
                    seed=options.seed,
                    tag=name,
                    constraint=constraint,
                )

    def _room(self, budget: int) -> int:
        """Tokens a prompt may have."""
        return 2**31 if self._max_context is None else self._max_context - budget

    def _options_of(self, seed: Seed) -> GenerationOptions:
        own = [name for name in ("max_new_tokens", "stop") if name in seed.knobs]
        if not own:
            return self._options
        knobs = {name: read_knob(name, seed.knobs[name]) for name in own}
        options = {name: getattr(self._options, name) for name in GenerationOptions.model_fields}
        return validated(GenerationOptions, options | knobs, "the row's own columns")

    def _samplers_of(self, seed: Seed) -> dict[str, SamplerSettings]:
        """The job's samplers, or the one that the row names, with the row's own knobs; sorted by name."""
        samplers = self._options.samplers
        name = seed.knobs.get("sampler")
        if name is not None and (not isinstance(name, str) or name not in samplers):
            raise SettingsError(
                "the column sampler must name one of the job's", name, f"They are {', '.join(samplers)}"
            )
        own = [name for name in seed.knobs if name in SAMPLER_KNOBS]
        knobs = {name: read_knob(name, seed.knobs[name]) for name in own}
        chosen = samplers if name is None else {name: samplers[name]}
        replaced = {name: sampler.replaced(**knobs) for name, sampler in sorted(chosen.items())}
        for sampler in replaced.values() if knobs else ():
            self._vocabulary.check(sampler)
        return replaced
