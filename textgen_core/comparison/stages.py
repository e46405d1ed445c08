"""The stages of a comparison by name: those of every pipeline, and five of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from textgen_core.comparison.pace import measure_pace, pace_key
from textgen_core.comparison.reading import read_texts, reading_key
from textgen_core.comparison.share import share_key, share_out
from textgen_core.comparison.summary import compare_all, summary_key
from textgen_core.datasets.manifest import Manifest, RunKey
from textgen_core.datasets.store import stored
from textgen_core.frontier.reference import refer, reference_key
from textgen_core.progress import Progress
from textgen_core.settings import Settings
from textgen_core.stages import STAGES, Stage, StageName

OwnStage = Literal["share", "pace", "reference", "reading", "summary"]
ComparisonStage = StageName | OwnStage
RunStage = Callable[[ComparisonStage, str, Settings], Manifest]
"""Does one stage under a name, with the settings it is given: in this process, or as a Prefect task."""


class Own(NamedTuple):
    """A stage that no pipeline has."""

    key: Callable[[Any], RunKey]
    run: Callable[[Any, Progress], Manifest]


OWN: Mapping[str, Own] = {
    "share": Own(share_key, share_out),
    "pace": Own(pace_key, measure_pace),
    "reference": Own(reference_key, refer),
    "reading": Own(reading_key, read_texts),
    "summary": Own(summary_key, compare_all),
}
ALL: dict[str, Stage | Own] = dict((*OWN.items(), *STAGES.items()))


def run_here(stage: ComparisonStage, settings: Settings, progress: Progress) -> Manifest:
    """Do one of them in this process."""
    return ALL[stage].run(settings, progress)


def kept(output: Path, run: RunStage, stage: ComparisonStage, name: str, of_stage: Callable[[Path], Settings]) -> Path:
    """The finished directory of a stage in the store of output; it is run, as NAME/STAGE, if it isn't there."""
    return stored(output, stage, ALL[stage].key, of_stage, lambda chosen: run(stage, f"{name}/{stage}", chosen))
