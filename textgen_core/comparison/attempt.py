"""One cell on its way through the stages, to its end or to where it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from textgen_core.comparison.cells import Cell, check_pairs, share_label, tokenization_of, tokens_for, training_of
from textgen_core.comparison.pace import steps_within
from textgen_core.comparison.process import StageProcess
from textgen_core.comparison.process_errors import StageCrashError
from textgen_core.comparison.settings import ComparisonSettings
from textgen_core.comparison.shared import Shared
from textgen_core.comparison.stage_settings import CellRun, PaceSettings, ReadingSettings, ShareSettings
from textgen_core.comparison.stages import ComparisonStage, RunStage, kept
from textgen_core.datasets.manifest import read_manifest
from textgen_core.errors import TextgenError
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.frontier.settings import sampler_name, sampler_of
from textgen_core.generation.settings import GenerationSettings
from textgen_core.models.config import first_line
from textgen_core.settings import Settings, validated
from textgen_core.tokenization.settings import TokenizationSettings
from textgen_core.training.settings import TrainingOptions, TrainingSettings

log = logging.getLogger(__name__)


class Attempt:
    """A cell: ``draft`` settles what is trained, ``carry_out`` does the rest.

    Attributes:
        stage: the last that was begun.
    """

    def __init__(self, settings: ComparisonSettings, shared: Shared, cell: Cell, run: RunStage) -> None:
        self._settings, self._shared, self._cell, self._run = settings, shared, cell, run
        self._made: dict[str, Path] = {}
        self._training: dict[str, Any] = {}
        self._failure: str | None = None
        self._process = StageProcess()
        self.stage: ComparisonStage = "tokenization"

    def guarded(self, part: Callable[[], None]) -> None:
        """Do a part of it, in a process of its own, unless it has failed.

        Whatever it fails by is its own, but for what the machine does.

        Raises:
            OSError: the disk is full, or the like.
        """
        if self._failure is not None:
            return
        try:
            with self._process:
                part()
        except OSError:
            raise
        except Exception as error:
            known = isinstance(error, TextgenError)
            told = known or isinstance(error, StageCrashError)
            self._failure = str(error) if told else f"{type(error).__name__}: {first_line(error)}"
            log.warning("%s failed in %s: %s", self._cell.name, self.stage, self._failure, exc_info=not known)

    def draft(self) -> None:
        """Tokenize, and settle what is trained."""
        check_pairs(self._settings, self._cell)
        self._made["corpus"] = self._corpus(self._cell.share)
        self._made["tokens"] = tokens = self._tokens(self._cell.share)
        self._training = {**self._fields(tokens, self._cell, self._steps()), "tokens": tokens}

    def carry_out(self) -> None:
        """Train, generate, measure."""
        settings, shared, made = self._settings, self._shared, self._made
        facts = read_manifest(made["tokens"]).facts
        made["model"] = self._kept("training", lambda out: TrainingSettings(**self._training, output=out))
        made["generations"] = self._written(facts, settings.temperatures, settings.characters, settings.lanes)
        # one after the other, so that the time which compiling took can be taken off
        made["long"] = self._written(facts, (settings.long_temperature,), settings.long_characters, lanes=1)
        own = {name: made[name] for name in ("model", "generations")} | {"device": settings.device}
        measured: dict[str, Any] = {
            **settings.evaluation.fields(),
            **own,
            "tokens": made["tokens"],
            "corpus": made["corpus"],
        }
        made["evaluation"] = self._kept("evaluation", lambda out: EvaluationSettings(**measured, output=out))
        read: dict[str, Any] = {
            **{name: getattr(settings, name) for name in ("blocks", "long_characters")},
            **own,
            "long": made["long"],
            "judge": shared.judge,
            "human": shared.human,
            "human_long": shared.human_long,
        }
        made["reading"] = self._kept("reading", lambda out: ReadingSettings(**read, output=out))

    def outcome(self) -> CellRun:
        """What became of it."""
        cell = self._cell
        return CellRun(
            name=cell.name,
            variant=cell.variant,
            family=self._settings.families[cell.variant].model.family,
            level=cell.level,
            size=cell.size,
            share=cell.share,
            failure=self._failure,
            failed_stage=None if self._failure is None else self.stage,
            **self._made,
        )

    def _corpus(self, share: float) -> Path:
        whole = self._shared.corpus
        if share == 1:
            return whole
        name = share_label(share)
        return self._kept("share", lambda out: ShareSettings(share=share, corpus=whole, output=out), name)

    def _tokens(self, share: float) -> Path:
        told: dict[str, Any] = {
            **tokenization_of(self._settings, self._cell.level).fields(),
            "corpus": self._corpus(share),
        }
        name = f"{self._cell.level}-{share_label(share)}"
        return self._kept("tokenization", lambda out: TokenizationSettings(**told, output=out), name)

    def _fields(self, tokens: Path, cell: Cell, steps: int) -> dict[str, Any]:
        facts, whole = (read_manifest(place).facts for place in (tokens, self._tokens(max(self._settings.shares))))
        self.stage = "training"  # which it is a matter of, if it can't be
        fields = training_of(self._settings, cell, facts, whole, steps)
        fields |= {"device": self._settings.device}
        validated(TrainingOptions, fields, f"the training of {cell.name}")
        return fields

    def _steps(self) -> int:
        """What the budget allows; by the pace with the largest share, so that shares differ in their text alone."""
        settings, cell = self._settings, self._cell
        if settings.budget.seconds is None or settings.families[cell.variant].counted:
            return settings.budget.steps or 1
        largest = Cell(cell.variant, cell.level, cell.size, max(settings.shares))
        tokens = self._tokens(largest.share)
        training = TrainingOptions(**self._fields(tokens, largest, steps=1))
        told: dict[str, Any] = {"training": training, "tokens": tokens}
        self._made["pace"] = pace = self._kept("pace", lambda out: PaceSettings(**told, output=out), largest.name)
        return steps_within(settings.budget.seconds, read_manifest(pace))

    def _written(
        self, facts: Mapping[str, Any], temperatures: tuple[float, ...], characters: int, lanes: int | None
    ) -> Path:
        told: dict[str, Any] = {
            "model": self._made["model"],
            "seeds": self._shared.seeds,
            "seed": self._settings.seed,
            "lanes": lanes,
            "device": self._settings.device,
            "samplers": {sampler_name("temperature", t): sampler_of("temperature", t) for t in temperatures},
            "max_new_tokens": tokens_for(characters, facts),
        }
        return self._kept("generation", lambda out: GenerationSettings(**told, output=out))

    def _kept(self, stage: ComparisonStage, of_stage: Callable[[Path], Settings], name: str = "") -> Path:
        """name: that of what several cells share; else it is the cell's."""
        self.stage = stage
        return kept(self._settings.output, self._run, stage, name or self._cell.name, of_stage, self._process.run)
