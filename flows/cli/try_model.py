"""``textgen try``: continue a prompt as you watch, or see what could come next."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from flows.cli.attention import show_attention
from flows.cli.common import Common, Directory, Number, Switch
from flows.cli.flags import collect, flags_of, settings_from
from flows.cli.model import Loaded, loaded
from flows.cli.output import plain, print_json, print_table, say
from flows.cli.parameters import with_flags
from textgen_core.decoding.constraints.compiling import KINDS
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.errors import SettingsError
from textgen_core.generation.attending import check_attention
from textgen_core.generation.settings import GenerationOptions
from textgen_core.numerics import Device

SAMPLER = [dataclasses.replace(flag, group="Sampler") for flag in flags_of(SamplerSettings)]
OPTIONS = [flag for flag in flags_of(GenerationOptions) if flag.identifier in KINDS]
FLAGS = [*OPTIONS, *SAMPLER]
COMPARED = {
    "greedy": SamplerSettings(strategy="greedy"),
    "temperature 0.7": SamplerSettings(temperature=0.7),
    "top-k 20": SamplerSettings(top_k=20),
    "top-p 0.9": SamplerSettings(top_p=0.9),
    "min-p 0.1": SamplerSettings(min_p=0.1),
}
"""The samplers that --explain shows beside the given one."""


def _try(
    model: str,
    prompt: Annotated[str, Parameter(show_default=False)] = "",
    /,
    *,
    max_new_tokens: Number = 200,
    seed: Number = 0,
    stop: Annotated[list[str] | None, Parameter(negative=(), metavar="TEXT")] = None,
    prefix: Annotated[str, Parameter(show_default=False, metavar="TEXT")] = "",
    explain: Switch = False,
    attention: Switch = False,
    page: Annotated[Path | None, Parameter(show_default=False)] = None,
    registry: Directory | None = None,
    device: Device = "auto",
    common: Common | None = None,
    **given: Any,
) -> int:
    """Continue a prompt as you watch; with --explain, show what could come next instead, with --attention why it came.

    Args:
        model: A model directory; or `champion`, `previous` or a version as `v3`, with --registry.
        prompt: The text to go on from; none starts from scratch.
        max_new_tokens: Tokens at most; it ends before where the model ends the text.
        seed: Another number, another draw.
        stop: End before this text. May be repeated.
        prefix: Of a model of pairs: how the target begins that is written from the prompt.
        explain: Show the ten likeliest next tokens, their probabilities, and what each sampler would keep of them.
        attention: Show where in the prompt an encoder-decoder looked while it wrote: prompt across, target down.
        page: Write what --attention shows as an HTML page to this file, too.
        registry: Directory in which `champion` and the like are looked up.
        device: Where to compute; auto takes a GPU where there is one.
    """
    common = common or Common()
    common.start_logging()
    sampler = settings_from(SamplerSettings, collect(SAMPLER, given), SAMPLER)
    told = {"max_new_tokens": max_new_tokens, "seed": seed, "stop": stop or (), "samplers": {"yours": sampler}}
    told |= collect(OPTIONS, given)
    options = settings_from(GenerationOptions, told, flags_of(GenerationOptions))
    if explain and options.constraint is not None:
        raise SettingsError(
            "--explain shows what the model would say freely", f"--{options.constraint.kind}", "Leave one of them out"
        )
    if explain and attention:
        raise SettingsError("a model is looked at in one way at a time", "--explain and --attention", "Leave one out")
    if page is not None and not attention:
        raise SettingsError("--page writes what --attention shows", "--page alone", "Add --attention")
    if page is not None and not page.parent.is_dir():
        raise SettingsError("--page must lie in a directory that is there", str(page), "Make the directory first")
    with loaded(model, registry, device, check_attention if attention else None) as hand:
        if attention:
            show_attention(hand, prompt, prefix, options, page, common.json)
        elif explain:
            own = {"yours": sampler} if sampler.model_fields_set else {}
            show_explanation(hand, prompt, prefix, COMPARED | own, common)
        else:
            stream(hand, prompt, prefix, options, common)
    return 0


def stream(hand: Loaded, prompt: str, prefix: str, options: GenerationOptions, common: Common) -> None:
    """Print the prompt and its continuation piece by piece; of a model of pairs the target, on a line of its own."""
    from textgen_core.generation.preview import continue_prompt

    pieces = continue_prompt(hand.model, hand.tokenizer, prompt, options, hand.device, prefix)
    if common.json:
        print_json({"prompt": prompt, **({"prefix": prefix} if prefix else {}), "text": "".join(pieces)})
        return
    print(plain(prompt), end="\n" if hand.model.pairs else "", flush=True)
    print(plain(prefix), end="", flush=True)
    for piece in pieces:
        print(plain(piece), end="", flush=True)
    print()


def show_explanation(
    hand: Loaded, prompt: str, prefix: str, samplers: dict[str, SamplerSettings], common: Common
) -> None:
    """Print the likeliest next tokens and what each sampler would make of them."""
    from textgen_core.generation.explanation import explain

    found = explain(hand.model, hand.tokenizer, prompt, samplers, device=hand.device, prefix=prefix)
    if common.json:
        candidates = [
            {"token": each.token, "text": each.text, "probability": each.probability, "after": each.after}
            for each in found.candidates
        ]
        print_json({"prompt": prompt, "candidates": candidates, "kept": found.kept, "mass": found.mass})
        return
    rows = [
        (shown(each.text), share(each.probability), *(share(each.after[name]) for name in samplers))
        for each in found.candidates
    ]
    rows.append(("tokens kept", "", *(f"{found.kept[name]:,}" for name in samplers)))
    rows.append(("of the model's mass", "", *(share(found.mass[name]) for name in samplers)))
    say(f"After {prompt!r}, the model expects:")
    print_table(("next", "model", *samplers), rows)


def shown(text: str) -> str:
    """A token's text, so that spaces and line ends are seen."""
    return repr(text) if text else "(end of text)"


def share(probability: float) -> str:
    """A probability in percent; a dot for none."""
    return f"{probability:.1%}" if probability else "·"


try_model: Callable[..., int] = with_flags(_try, FLAGS)
