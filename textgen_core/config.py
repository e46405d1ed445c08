"""The configuration of a whole pipeline: it composes the options that each package owns, and adds where things lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationInfo, field_validator

from textgen_core.errors import SettingsError
from textgen_core.evaluation.settings import EvaluationOptions
from textgen_core.generation.settings import GenerationOptions, MaxNewTokens
from textgen_core.ingestion.settings import IngestionOptions
from textgen_core.reporting.settings import ReportingOptions
from textgen_core.seeding.settings import SeedingOptions, Seeds, drawn_as, without_default
from textgen_core.settings import Location, Settings, validated
from textgen_core.tokenization.settings import TokenizationOptions
from textgen_core.training.settings import TrainingOptions

ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]

TAKEN = frozenset({"documents", "rejects", "duplicates", "sources", "seeds.parquet", "report.html"})
"""Names in the output directory that a model can't have."""
SAID = frozenset({"how", "words", "column"})
"""Settings of seeds of which one says what they are to be."""


class ModelConfig(Settings):
    """One way to model the corpus: how text becomes tokens, and what learns them."""

    tokenization: TokenizationOptions = TokenizationOptions()
    """How text becomes tokens."""
    training: TrainingOptions = TrainingOptions()
    """What learns from them, and how."""
    max_new_tokens: MaxNewTokens | None = None
    """Tokens at most in this model's continuations; left out: generation's. A word is one token or seven letters, so
    models of different levels need different numbers for texts of one length."""


class Config(Settings):
    """One corpus, any number of models of it, one seed file for all, and one report that compares them."""

    output: Location
    """Directory of everything that is made. Holds documents/, one folder a model, and report.html."""
    ingestion: IngestionOptions
    """The corpus: where it is read from and how it becomes documents."""
    models: dict[ModelName, ModelConfig] = Field(default={"model": ModelConfig()}, min_length=1)
    """The models to train and compare, by name; the name is their folder."""
    seeds: Seeds = Field(default=SeedingOptions(), validate_default=True, json_schema_extra=without_default)
    """A seed file (txt, csv, tsv, jsonl, parquet), or how to draw seeds from held-out documents. Where neither `how`
    nor `words` is said and all models learn from the same pairs: their sources."""
    generation: GenerationOptions = GenerationOptions()
    """What to generate from each seed."""
    evaluation: EvaluationOptions = EvaluationOptions()
    """What to measure."""
    reporting: ReportingOptions = ReportingOptions()
    """What to show."""

    @field_validator("models")
    @classmethod
    def _names_free(cls, models: dict[str, ModelConfig]) -> dict[str, ModelConfig]:
        if taken := sorted(TAKEN & models.keys()):
            raise ValueError(f"a model can't be called {', '.join(taken)}: the output directory uses that name")
        return models

    @field_validator("seeds")
    @classmethod
    def _of_the_pairs_learned(cls, seeds: Path | SeedingOptions, info: ValidationInfo) -> Path | SeedingOptions:
        first, *others = (model.tokenization.pairs for model in info.data.get("models", {None: ModelConfig()}).values())
        if isinstance(seeds, Path) or SAID & seeds.model_fields_set or first is None or set(others) - {first}:
            return seeds
        return SeedingOptions.model_validate({**drawn_as(first), **seeds.model_dump(exclude_unset=True)})


def load_config(path: Path) -> Config:
    """Read the YAML configuration of a pipeline.

    Raises:
        SettingsError: the file can't be read, is no YAML, or holds an impossible or unknown setting.
    """
    return validated(Config, read_yaml(path), str(path))


def read_yaml(path: Path) -> dict[str, Any]:
    """The values of a YAML configuration. Paths in it are relative to its own folder: a scheduler may be anywhere.

    Raises:
        SettingsError: the file can't be read, or holds no mapping.
    """
    remedy = "`textgen init` writes one to start from, with --compare one of a comparison"
    try:
        values = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise SettingsError("a configuration must be readable", f"{path}: {error.strerror}", remedy) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        raise SettingsError("a configuration must be YAML", f"{place}: {problem}", remedy) from None
    except ValueError as error:  # of a date that there never was, which YAML doesn't leave a string
        raise SettingsError("a configuration must be YAML", f"{path}: {error}", remedy) from None
    if not isinstance(values, dict):
        raise SettingsError("a configuration must be a mapping of settings", f"{path}: {values!r:.80}", remedy)
    return _from_folder(values, path.parent)


def _from_folder(values: dict[Any, Any], folder: Path) -> dict[Any, Any]:
    """The same values with all paths and corpus inputs taken from the configuration's folder."""
    anchored = dict(_training_from(values, folder))
    for name in ("output", "seeds", "registry"):
        if isinstance(values.get(name), str):
            anchored[name] = _anchored(values[name], folder)
    if isinstance(models := values.get("models"), dict):
        anchored["models"] = {name: _training_from(model, folder) for name, model in models.items()}
    ingestion = values.get("ingestion")
    if isinstance(ingestion, dict) and isinstance(ingestion.get("inputs"), list):
        inputs = [_anchored(item, folder) if isinstance(item, str) else item for item in ingestion["inputs"]]
        anchored["ingestion"] = {**ingestion, "inputs": inputs}
    return anchored


def _training_from(holder: Any, folder: Path) -> Any:
    """What holds settings of a training, with the model that it goes on from taken from the folder."""
    training = holder.get("training") if isinstance(holder, dict) else None
    if not isinstance(training, dict) or not isinstance(warm := training.get("warm_start"), str):
        return holder
    return {**holder, "training": {**training, "warm_start": _anchored(warm, folder)}}


def _anchored(path: str, folder: Path) -> str:
    is_name = "://" in path or path == "python-docs"
    return path if is_name else os.path.join(os.path.abspath(folder), os.path.expanduser(path))  # noqa: PTH118, PTH111
