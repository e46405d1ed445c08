"""The order of the stages, as data: what each step needs, its settings, and what the user finds where afterwards.

Stage directories lie in OUT/.store under a name made from their run key, so that an unchanged step is found finished
and a changed one never mixes with the old. The user's names (OUT/documents, OUT/MODEL/generations ...) are links there.

    ingestion ─┬─────────────────────────────────────────┐
               ├─ seeding ────────────────┐              │
               └─ MODEL/tokenization ─ MODEL/training ─ MODEL/generation ─ MODEL/evaluation ─ reporting
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textgen_core.config import Config, ModelConfig
from textgen_core.datasets.links import point
from textgen_core.datasets.manifest import Manifest, RunKey
from textgen_core.datasets.stage import finished
from textgen_core.datasets.store import place
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.generation.settings import GenerationSettings
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.reporting.settings import ModelRun, ReportingSettings
from textgen_core.seeding.settings import SeedingOptions, SeedingSettings
from textgen_core.settings import Settings
from textgen_core.stages import STAGES, StageName
from textgen_core.tokenization.settings import TokenizationSettings
from textgen_core.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of one pipeline.

    Attributes:
        name: unique, e.g. ``char-lstm/training``.
        stage: which stage it is.
        needs: names of the steps whose directories it reads.
        settings: from its own output and the directories of the steps it needs, its settings.
        products: the user's name of each product, relative to OUT -> its path in the stage directory.
    """

    name: str
    stage: StageName
    needs: tuple[str, ...]
    settings: Callable[[Path, Mapping[str, Path]], Settings]
    products: Mapping[str, str]


RunStep = Callable[[Step, Settings], Manifest]
"""Does one step with the settings it got: in this process, as a Prefect task (which shows the step's name)."""


def steps(config: Config) -> list[Step]:
    """The pipeline of a configuration, in an order in which it can run."""
    shared = [_ingestion(config)]
    if not isinstance(config.seeds, Path):
        shared.append(_seeding(config, config.seeds))
    models = [step for name, model in config.models.items() for step in _model_steps(config, name, model)]
    return [*shared, *models, _reporting(config)]


def _ingestion(config: Config) -> Step:
    previous = config.output / "documents"

    def settings(output: Path, done: Mapping[str, Path]) -> IngestionSettings:
        earlier = previous.resolve().parent if previous.exists() else None
        return IngestionSettings(**config.ingestion.fields(), output=output, previous=earlier)

    datasets = ("documents", "rejects", "duplicates", "sources")
    return Step("ingestion", "ingestion", (), settings, {name: name for name in datasets})


def _seeding(config: Config, options: SeedingOptions) -> Step:
    def settings(output: Path, done: Mapping[str, Path]) -> SeedingSettings:
        return SeedingSettings(**options.fields(), corpus=done["ingestion"], output=output)

    return Step("seeding", "seeding", ("ingestion",), settings, {"seeds.parquet": "seeds.parquet"})


def _model_steps(config: Config, name: str, model: ModelConfig) -> list[Step]:
    tokenization, training = f"{name}/tokenization", f"{name}/training"
    generation, evaluation = f"{name}/generation", f"{name}/evaluation"

    def tokenize(output: Path, done: Mapping[str, Path]) -> TokenizationSettings:
        options = {**model.tokenization.fields(), "reuse": model.training.warm_start}
        return TokenizationSettings(**options, corpus=done["ingestion"], output=output)

    def train(output: Path, done: Mapping[str, Path]) -> TrainingSettings:
        return TrainingSettings(**model.training.fields(), tokens=done[tokenization], output=output)

    def generate(output: Path, done: Mapping[str, Path]) -> GenerationSettings:
        seeds = config.seeds if isinstance(config.seeds, Path) else done["seeding"] / "seeds.parquet"
        options = config.generation.fields()
        if model.max_new_tokens is not None:
            options["max_new_tokens"] = model.max_new_tokens
        corpus = done["ingestion"] if novel else None
        return GenerationSettings(**options, model=done[training], seeds=seeds, corpus=corpus, output=output)

    def evaluate(output: Path, done: Mapping[str, Path]) -> EvaluationSettings:
        return EvaluationSettings(
            **config.evaluation.fields(),
            generations=done[generation],
            model=done[training],
            tokens=done[tokenization],
            corpus=done["ingestion"],
            output=output,
        )

    novel = config.generation.until is not None and config.generation.until.novel
    seeds = () if isinstance(config.seeds, Path) else ("seeding",)
    return [
        Step(
            tokenization,
            "tokenization",
            ("ingestion",),
            tokenize,
            {f"{name}/sequences": "sequences", f"{name}/tokenizer.json": "tokenizer.json"},
        ),
        Step(training, "training", (tokenization,), train, {f"{name}/model": "."}),
        Step(
            generation,
            "generation",
            (*("ingestion",) * novel, training, *seeds),
            generate,
            {f"{name}/generations": "generations", f"{name}/rejects": "rejects"},
        ),
        Step(
            evaluation,
            "evaluation",
            ("ingestion", tokenization, training, generation),
            evaluate,
            {f"{name}/scores": "scores", f"{name}/metrics": "metrics"},
        ),
    ]


def _reporting(config: Config) -> Step:
    stages = ("tokenization", "training", "generation", "evaluation")
    needs = tuple(f"{name}/{stage}" for name in config.models for stage in stages)

    def settings(output: Path, done: Mapping[str, Path]) -> ReportingSettings:
        runs = tuple(
            ModelRun(
                name=name,
                tokens=done[f"{name}/tokenization"],
                model=done[f"{name}/training"],
                generations=done[f"{name}/generation"],
                evaluation=done[f"{name}/evaluation"],
            )
            for name in config.models
        )
        return ReportingSettings(**config.reporting.fields(), runs=runs, corpus=done["ingestion"], output=output)

    return Step("reporting", "reporting", ("ingestion", *needs), settings, {"report.html": "report.html"})


def placed(step: Step, config: Config, done: Mapping[str, Path]) -> tuple[Settings, RunKey, Path]:
    """A step's settings, its run key, and the directory that both determine."""
    key = STAGES[step.stage].key(step.settings(config.output / step.stage, done))
    output = place(config.output, step.stage, key)
    return step.settings(output, done), key, output


def run_pipeline(config: Config, run: RunStep) -> dict[str, Manifest]:
    """Run every step that isn't finished, link its products, and return all manifests by step name."""
    done: dict[str, Path] = {}
    manifests: dict[str, Manifest] = {}
    for step in steps(config):
        settings, key, output = placed(step, config, done)
        manifests[step.name] = finished(output, key) or run(step, settings)
        done[step.name] = output
        link_products(step, config.output, output)
    return manifests


@dataclass(frozen=True, slots=True)
class Planned:
    """What would happen to one step now: ``finished``, ``run``, or ``waits`` (for a step before it to decide)."""

    name: str
    state: Literal["finished", "run", "waits"]
    output: Path | None


def plan(config: Config) -> list[Planned]:
    """What ``run_pipeline`` would do, without doing any of it and without loading anything heavy."""
    done: dict[str, Path] = {}
    planned = []
    for step in steps(config):
        if not all(name in done for name in step.needs):
            planned.append(Planned(step.name, "waits", None))
            continue
        _, key, output = placed(step, config, done)
        if finished(output, key) is None:
            planned.append(Planned(step.name, "run", output))
        else:
            done[step.name] = output
            planned.append(Planned(step.name, "finished", output))
    return planned


def link_products(step: Step, out: Path, directory: Path) -> None:
    """Point the user's names at a finished stage directory."""
    for name, inside in step.products.items():
        point(out / name, directory / inside)
