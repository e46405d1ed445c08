"""The stages of a comparison by name: those of every pipeline, and five of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from textgen_core.comparison.corpus_share import share_key, share_out
from textgen_core.comparison.pace import measure_pace, pace_key
from textgen_core.comparison.reading import read_texts, reading_key
from textgen_core.comparison.stage_settings import PaceSettings, ReadingSettings, ShareSettings, SummarySettings
from textgen_core.comparison.summary import compare_all, summary_key
from textgen_core.datasets.manifest import Manifest, RunKey
from textgen_core.datasets.store import stored
from textgen_core.frontier.reference import refer, reference_key
from textgen_core.frontier.settings import ReferenceSettings
from textgen_core.progress import Progress
from textgen_core.settings import Settings
from textgen_core.stages import STAGES, Stage, StageName, Work

OwnStage = Literal["share", "pace", "reference", "reading", "summary"]
ComparisonStage = StageName | OwnStage
RunStage = Callable[[ComparisonStage, str, Settings, Work], Manifest]
"""Has one stage done under a name, with the settings and by the function that it is given: as a Prefect task, or so."""
RunSomewhere = Callable[[ComparisonStage, Settings, Progress], Manifest]
"""Does one stage, in this process or in another."""


class Own(NamedTuple):
    """A stage that no pipeline has."""

    settings: type[Settings]
    key: Callable[[Any], RunKey]
    run: Work


OWN: Mapping[str, Own] = {
    "share": Own(ShareSettings, share_key, share_out),
    "pace": Own(PaceSettings, pace_key, measure_pace),
    "reference": Own(ReferenceSettings, reference_key, refer),
    "reading": Own(ReadingSettings, reading_key, read_texts),
    "summary": Own(SummarySettings, summary_key, compare_all),
}
ALL: dict[str, Stage | Own] = dict((*OWN.items(), *STAGES.items()))


def run_here(stage: ComparisonStage, settings: Settings, progress: Progress) -> Manifest:
    """Do one of them in this process."""
    return ALL[stage].run(settings, progress)


def kept(
    output: Path,
    run: RunStage,
    stage: ComparisonStage,
    name: str,
    of_stage: Callable[[Path], Settings],
    work: RunSomewhere = run_here,
) -> Path:
    """The finished directory of a stage in the store of output; it is run, as NAME/STAGE, if it isn't there."""

    def made(settings: Settings) -> Manifest:
        return run(stage, f"{name}/{stage}", settings, partial(work, stage))

    return stored(output, stage, ALL[stage].key, of_stage, made)
