"""The cells of the grid: what each is, and its settings of the stages that follow from the grid."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textgen_core.comparison.settings import ComparisonOptions
from textgen_core.comparison.sizing import bearable, sized
from textgen_core.errors import SettingsError
from textgen_core.models.shapes import RNNShape, are_tied
from textgen_core.tokenization.settings import TokenizationOptions
from textgen_core.training.filling import warmup_within
from textgen_core.training.settings import TrainingOptions

CURVE = 10
"""Points of a learning curve."""
CURVE_TOKENS = 8_000
"""Held-out tokens behind each, so that they take less time than the steps between: they are for the plot, and to choose
the best weights by. The figure itself is evaluation's."""
PROMPT = 64
"""Characters of a prompt for which a Transformer keeps room; of a longer one a part is used."""
BLOCK = 64
"""A context is a multiple of it, as the engine's capacity classes are."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of the grid.

    Attributes:
        variant: name of what learns: a family, or a form of one.
        level: name of the level.
        size: weights; None for what is counted, or as the settings say.
        share: of the training text.
    """

    variant: str
    level: str
    size: int | None
    share: float

    @property
    def name(self) -> str:
        """What it is called: a folder, and a line of a table."""
        return "-".join(filter(None, [self.variant, self.level, size_label(self.size), share_label(self.share)]))


def size_label(size: int | None) -> str:
    """300k, 1.2M; empty for none."""
    if size is None:
        return ""
    return f"{size / 1e6:g}M" if size >= 1e6 else f"{size / 1e3:g}k"


def share_label(share: float) -> str:
    """25pct: a percent sign is a nuisance in a path."""
    return f"{share * 100:g}pct"


def grid(settings: ComparisonOptions) -> list[Cell]:
    """All cells, those of one variant and level together, the larger after the smaller.

    Raises:
        SettingsError: two have one name, as rnn-char has at level 300k and rnn at char with 300,000 weights.
    """
    cells = [
        Cell(variant, level, size, share)
        for variant, options in settings.families.items()
        for level in settings.levels
        for size in ((None,) if options.counted or not settings.sizes else settings.sizes)
        for share in settings.shares
    ]
    if alike := next((name for name, count in Counter(cell.name for cell in cells).items() if count > 1), None):
        raise SettingsError(
            "each cell has a name of its own", f"two called {alike}", "Name a family or a level otherwise"
        )
    return cells


def check_pairs(settings: ComparisonOptions, cell: Cell) -> None:
    """Before anything is made of a cell, whether it can learn at all.

    Raises:
        SettingsError: it is an encoder-decoder, and there are no pairs.
    """
    if settings.families[cell.variant].reads_source and settings.pairs is None:
        raise SettingsError(
            "an encoder-decoder learns from pairs of a source and a target",
            f"{cell.variant} in a comparison without pairs",
            "Say `pairs: {kind: opening, words: 8}` in the configuration, with `unit: paragraph` under `ingestion` and "
            "`seeds: {count: 240}` (`textgen init BOOK.txt --compare --pairs` writes that), or leave this family out",
        )


def tokenization_of(settings: ComparisonOptions, level: str) -> TokenizationOptions:
    """How text becomes tokens at a level."""
    return TokenizationOptions(tokenizer=settings.levels[level], pairs=settings.pairs)


def tokens_for(characters: int, facts: Mapping[str, Any]) -> int:
    """Tokens that so many characters take, by a tokenization's facts."""
    return math.ceil(characters / float(facts["chars_per_token"]))


def training_of(
    settings: ComparisonOptions, cell: Cell, facts: Mapping[str, Any], whole: Mapping[str, Any], steps: int
) -> dict[str, Any]:
    """The settings of a cell's training, but for where things lie.

    Args:
        facts: the tokenization's.
        whole: those of the largest share's, by which is settled what is alike for all: shares differ in their text and
            vocabulary, and in what little text takes more tokens for.
        steps: that the budget allows.

    Raises:
        SettingsError: no width has this many weights.
    """
    options = settings.families[cell.variant]
    if options.counted:
        return {**options.fields(), "seed": settings.seed, "samples": 0}
    most = PROMPT + max(settings.characters, settings.long_characters)
    longest = max(tokens_for(most, told) for told in (facts, whole))
    room = BLOCK * math.ceil(longest / BLOCK)
    fields = {**options.fields(), **_seeing(options, room)}
    if isinstance(model := fields["model"], RNNShape):
        tied = are_tied(model.tied, whole["vocab_size"])
        fields["model"] = model.model_copy(update={"tied": tied})
    model = fields["model"] if cell.size is None else sized(fields["model"], facts["vocab_size"], cell.size)
    return {
        **fields,
        "model": model,
        "learning_rate": bearable(options.learning_rate, fields["model"], model),
        "steps": steps,
        "warmup": warmup_within(steps, options.warmup),
        "evaluate_every": max(1, steps // CURVE),
        "evaluate_tokens": min(options.evaluate_tokens, CURVE_TOKENS),
        "patience": None,  # the budget is spent, whatever comes of it; the best weights are kept
        "seed": settings.seed,
        "samples": 0,  # the comparison has its own
    }


def _seeing(options: TrainingOptions, room: int) -> dict[str, Any]:
    """What lets a model with a limited context see so many tokens, and an encoder-decoder, whose pairs are cut to its
    window: they must be trained on windows as long, of which a batch then has fewer.

    Fewer rows change no rate. So by the defaults a Transformer of characters learns from 3 rows of 576
    at a time, not from 8 of 256; and it has no dropout, which the small presets give to RNNs and CNNs alone.
    """
    model, context = options.model, getattr(options.model, "context", None)
    if options.window >= room or (context is None and not options.reads_source):
        return {}
    least = options.replicas * options.accumulate
    rows = least * max(1, options.batch_size * options.window // (room * least))
    seeing = {} if context is None else {"context": max(context, room)}
    return {"model": model.model_copy(update=seeing), "window": room, "batch_size": rows}
