"""The page of a sweep: the advice, the plot, and every figure."""

from __future__ import annotations

from collections.abc import Sequence

from textgen_core.frontier.plot import knobs, plot
from textgen_core.frontier.points import Point, Recommendation
from textgen_core.frontier.table import Row
from textgen_core.reporting.document import document


def render(
    rows: Sequence[Row],
    human: Point | None,
    points: Sequence[Point],
    advice: Recommendation | None,
    pairs: int,
    prompts: str,
) -> str:
    """The page as HTML: one file without scripts.

    Args:
        pairs: word pairs that diversity is taken at.
        prompts: ``own`` where human text follows the seeds' own prompts, ``drawn`` where others like them.
    """
    ringed = {advice.name} if advice else set()
    return document(
        "frontier.html",
        title="Quality against diversity",
        verdict=advice.reason if advice else "",
        chart=plot(points, human, ringed),
        knobs=knobs(points),
        rows=rows,
        pairs=pairs,
        own=prompts == "own",
    )
