"""The page of a comparison: the verdicts, the charts, every figure, and samples side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from textgen_core.comparison import charts
from textgen_core.comparison.evidence import Evidence, ends
from textgen_core.comparison.findings import Findings
from textgen_core.comparison.stage_settings import SummarySettings
from textgen_core.comparison.table import Row
from textgen_core.datasets.manifest import read_manifest
from textgen_core.datasets.parts import read_table
from textgen_core.reporting.document import document
from textgen_core.reporting.samples import Seed, side_by_side
from textgen_core.reporting.text import shortened

SAMPLE_CHARS = 400
SPARE = 2
"""Seeds that are looked at for each that is shown, since not all have human text to compare with."""
POSITIONS = {
    "human_text": ("What human text costs the model", charts.SPELLING),
    "own_text": ("What its own text costs the model", charts.SPELLING),
    "judged_text": ("What its text costs the judge", charts.SPELLING),
    "repetition": ("Runs of four words it has said before", charts.REPEATING),
}
"""Titles of the charts over the position, and what they show."""


def render(settings: SummarySettings, found: Findings, drawn: Mapping[str, Markup]) -> str:
    """The page as HTML: one file without scripts.

    Args:
        drawn: the charts by name.
    """
    runs = [(cell.run.name, cell.generations, cell.evaluation) for cell in found.cells]
    people = after_seeds(settings.human)
    columns, seeds = side_by_side(runs, SPARE * settings.shown, SAMPLE_CHARS)
    return document(
        "comparison.html",
        title="Which model for this text",
        verdict=best(found.rows["comparison"], found.evidence),
        verdicts=found.rows["verdicts"],
        lines=charts.legend(found, drawn.values()),
        charts=drawn,
        positions=POSITIONS,
        costs=charts.costs(found),
        rows=found.rows["comparison"],
        look_of=charts.look_of(found),
        word_pairs=found.word_pairs,
        letters=found.letters,
        unlearned=found.unlearned,
        columns=columns,
        seeds=comparable(seeds, people)[: settings.shown],
        people=people,
    )


def comparable(seeds: Sequence[Seed], people: Mapping[str, str]) -> list[Seed]:
    """The seeds in their order, but first those that people wrote something after."""
    return sorted(seeds, key=lambda seed: seed.id not in people)


def after_seeds(human: Path) -> dict[str, str]:
    """What people wrote after each seed, by its id: of pairs the targets. Empty where it is not known which documents
    seeds come from, so that human text is after other prompts.

    Seeds are missing that are not found in their documents, or whose text overlaps with that after others: human text
    has no character twice.
    """
    if read_manifest(human).facts["prompts"] != "own":
        return {}
    rows = read_table(human / "generations", ["seed_id", "text"]).to_pylist()
    return {row["seed_id"]: shortened(row["text"], SAMPLE_CHARS) for row in rows}


def best(rows: Sequence[Row], evidence: Mapping[str, Evidence]) -> str:
    """Which cell knows held-out text best, in a sentence; empty where none is finished.

    How sure that is, the texts tell that both have read after the seeds: what is hard for both cancels out in their
    difference, which the cells' own intervals know nothing of. They are not all of the held-out text, so the
    difference that has the interval is theirs, too.
    """
    ranked = sorted((row["bits_per_char"], row["cell"]) for row in rows if not row["failure"])
    if not ranked:
        return ""
    bits, name = ranked[0]
    if len(ranked) == 1:
        return f"{name} spells held-out text in {bits:.3f} bits a character."
    other_bits, other = ranked[1]
    told = f"{name} spells held-out text best, in {bits:.3f} bits a character, before {other} with {other_bits:.3f}"
    if f"{bits:.3f}" == f"{other_bits:.3f}":
        told = f"{name} and {other} spell held-out text best, in {bits:.3f} bits a character"
    saved = evidence[other].bits - evidence[name].bits
    low, high = ends(saved)
    if low is None or high is None:
        return f"{told}."
    apart = f"{abs(saved[0]):.3f} (95%: {min(abs(low), abs(high)):.3f} to {max(abs(low), abs(high)):.3f})"
    if high < 0:
        return f"{told}. But in the texts after the seeds {other} saves {apart}."
    if low > 0:
        return f"{told}. In the texts after the seeds {name} saves {apart}."
    between = f"{low:.3f} to {high:.3f} between them"
    return f"{told}. In the texts after the seeds they can't be told apart (95%: {between})."
