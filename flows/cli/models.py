"""``textgen models``: the families, and what a model of each preset takes, told by the settings themselves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from flows.cli.common import Common, Number
from flows.cli.fields import members
from flows.cli.model_speeds import Speeds
from flows.cli.output import print_json, print_table, say
from textgen_core.errors import SettingsError
from textgen_core.models.settings import ModelSettings
from textgen_core.models.sizes import size_of
from textgen_core.training.presets import PRESETS

SHOWN = [preset for preset in PRESETS if preset != "finetune"]
"""Presets that bring an architecture; that of finetune is the warm start's."""
CHARACTERS = 100
"""About the different characters of an English corpus."""
POSITIONS = 256
"""Tokens of prompt and continuation together, for which a row's state is told: a paragraph by characters."""
COLUMNS = ("family", "preset", "architecture", "weights", "weights MB", "training MB", "row KB")
SPEEDS = ("training tokens/s", "decoding tokens/s", "speeds with")


@dataclass(frozen=True, slots=True)
class Sized:
    """A preset's model of one family. None: not known before there are data, or not measured.

    Attributes:
        about: the architecture in a few words.
        parameters: weights.
        weights_mb: what they take, 10^6 bytes.
        training_mb: what they take with gradients and optimizer; what is kept of a batch comes on top.
        row_kb: what a row's state takes while it decodes, 10^3 bytes.
        training: tokens a second.
        decoding: tokens a second, all rows together.
        speeds_vocab_size: the vocabulary, of those measured the nearest, with which these speeds were.
    """

    family: str
    preset: str
    about: str
    parameters: int | None
    weights_mb: float | None
    training_mb: float | None
    row_kb: float
    training: int | None
    decoding: int | None
    speeds_vocab_size: int | None


def models(*, vocab_size: Number = CHARACTERS, common: Common | None = None) -> int:
    """List the families of models, and of each preset's model its weights, its memory and its speed.

    Args:
        vocab_size: Different tokens: an alphabet's about 100, and 258 more by the default fallback; 258 of bytes; or
            the tokenizer's words or subwords.
    """
    common = common or Common()
    speeds = Speeds()
    rows = sized(vocab_size, speeds)
    if common.json:
        told = {"vocab_size": vocab_size, "positions": POSITIONS, "speeds_measured_on": speeds.origin or None}
        print_json({**told, "families": about(), "models": [asdict(row) for row in rows]})
        return 0
    print_table(("family", "what it is"), about().items())
    say(f"The presets' models with {vocab_size:,} different tokens (--vocab-size):")
    print_table((*COLUMNS, *SPEEDS), (list(asdict(row).values()) for row in rows))
    for line in remarks(speeds):
        say(line)
    say("Which learns best in your time: textgen compare, for which textgen init BOOK.txt --compare writes a file.")
    return 0


def about() -> dict[str, str]:
    """Each family in a sentence or two."""
    return {family: " ".join((kind.__doc__ or "").split()) for family, kind in families().items()}


def families() -> dict[str, Any]:
    """The class of settings of each family."""
    return {kind.model_fields["family"].default: kind for kind in members(ModelSettings)}


def sized(vocab_size: int, speeds: Speeds) -> list[Sized]:
    """Every preset's model of every family.

    Raises:
        SettingsError: there is no model of so few tokens.
    """
    if vocab_size < 2:
        raise SettingsError("a vocabulary has 2 tokens or more", vocab_size, "Give another --vocab-size")
    named = [(family, preset) for family in families() for preset in SHOWN if family in PRESETS[preset]]
    return [_sized(family, preset, vocab_size, speeds) for family, preset in named]


def _sized(family: str, preset: str, vocab_size: int, speeds: Speeds) -> Sized:
    given = {"family": family, **PRESETS[preset][family]["model"]}
    settings: ModelSettings = TypeAdapter(ModelSettings).validate_python(given)
    size, speed = size_of(settings, vocab_size), speeds(settings.label, vocab_size)
    memory = (_rounded(size.weight_bytes, 1e6), _rounded(size.training_bytes, 1e6))
    row = size.state_bytes(min(POSITIONS, getattr(settings, "context", POSITIONS))) / 1e3
    return Sized(family, preset, settings.label, size.parameters, *memory, row, *speed)


def _rounded(count: int | None, unit: float) -> float | None:
    return None if count is None else round(count / unit, 2)


def remarks(speeds: Speeds) -> list[str]:
    """What the columns mean."""
    memory = (
        "Memory: training is weights, gradients and AdamW's two moments (Muon keeps one), and what is kept of a batch "
        f"comes on top; a row is one text while it decodes, prompt and continuation {POSITIONS} tokens. An n-gram is "
        "as large as data make it."
    )
    if not speeds.origin:
        return [memory, "Speeds: not measured on this installation (python -m benchmarks families)."]
    nearest = 'measured of the same architecture with the nearest vocabulary, "speeds with"'
    return [memory, f"Speeds: {nearest}, on {speeds.origin}."]
