"""What all cells of a comparison need: the corpus, the seeds, the judge, and human text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textgen_core.comparison.settings import ComparisonSettings
from textgen_core.comparison.stages import ComparisonStage, RunSomewhere, RunStage, kept, run_here
from textgen_core.frontier.settings import ReferenceSettings
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.seeding.settings import SeedingSettings
from textgen_core.settings import Settings
from textgen_core.tokenization.settings import CharSettings, TokenizationSettings
from textgen_core.training.settings import TrainingOptions, TrainingSettings


@dataclass(frozen=True, slots=True)
class Shared:
    """Stage directories, and the seed file."""

    corpus: Path
    seeds: Path
    judge_tokens: Path
    judge: Path
    human: Path
    human_long: Path

    def names(self) -> dict[str, Path]:
        """What it is called in the output directory."""
        return {
            "documents": self.corpus / "documents",
            "judge/sequences": self.judge_tokens / "sequences",
            "judge/model": self.judge,
            "human/generations": self.human / "generations",
            "human/long": self.human_long / "generations",
        } | ({"seeds.parquet": self.seeds} if self.seeds.name == "seeds.parquet" else {})


def make_shared(settings: ComparisonSettings, run: RunStage, work: RunSomewhere = run_here) -> Shared:
    """Do what is not finished of it.

    Args:
        work: does a stage.

    Raises:
        TextgenError: a stage failed.
    """

    def made(stage: ComparisonStage, name: str, of_stage: Callable[[Path], Settings]) -> Path:
        return kept(settings.output, run, stage, name, of_stage, work)

    ingestion, drawn = settings.ingestion.fields(), settings.seeds
    corpus = made("ingestion", "corpus", lambda out: IngestionSettings(**ingestion, output=out))
    if isinstance(drawn, Path):
        seeds = drawn
    else:
        told = {**drawn.fields(), "corpus": corpus}
        seeds = made("seeding", "seeds", lambda out: SeedingSettings(**told, output=out)) / "seeds.parquet"
    characters: dict[str, Any] = {"tokenizer": CharSettings(), "corpus": corpus}
    tokens = made("tokenization", "judge", lambda out: TokenizationSettings(**characters, output=out))
    counted = TrainingOptions(model=settings.judge, samples=0, device=settings.device).fields()
    judge = made("training", "judge", lambda out: TrainingSettings(**counted, tokens=tokens, output=out))
    people: dict[str, Any] = {
        "model": judge,
        "seeds": seeds,
        "corpus": corpus,
        "prompt_column": "prompt",
        "id_column": None,
        "held_out": settings.evaluation.held_out,
        "seed": settings.seed,
        "pairs": settings.pairs,
        "device": settings.device,
    }

    def human(name: str, length: int) -> Path:  # in the judge's tokens, which are characters
        return made("reference", name, lambda out: ReferenceSettings(**people, max_new_tokens=length, output=out))

    long = human("human_long", settings.long_characters)
    return Shared(corpus, seeds, tokens, judge, human("human", settings.characters), long)
