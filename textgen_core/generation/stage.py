"""The generation stage: seeds and a model -> generations/ and rejects/."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textgen_core.datasets import digests
from textgen_core.datasets.columns import extended
from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import Manifest, RunKey
from textgen_core.datasets.schemas import GENERATIONS, SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage
from textgen_core.errors import DatasetError
from textgen_core.generation.formats import check_seed_file, seed_format
from textgen_core.generation.settings import GenerationSettings
from textgen_core.models.config import MODEL_FILES
from textgen_core.numerics import numerics
from textgen_core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

    from textgen_core.generation.survey import Survey

CODE_VERSION = 12

log = logging.getLogger(__name__)


def generation_key(settings: GenerationSettings) -> RunKey:
    """All that decides what is generated.

    Raises:
        InputError: the seed file is missing or no file.
        DatasetError: the model is no finished training directory.
    """
    check_seed_file(settings.seeds)
    known = {} if settings.known is None else {"corpus": digest_of(settings.known, "documents")}
    return RunKey(
        stage="generation",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs={
            "model": digest_of(settings.model, *MODEL_FILES),
            "seeds": digests.of_file(settings.seeds),
            "seeds_format": seed_format(settings.seeds),
            **known,
        },
        numerics=numerics(settings.device),
    )


def generate(settings: GenerationSettings, progress: Progress) -> Manifest:
    """Continue every seed by every sampler.

    Raises:
        InputError: the seed file can't be used, or too many of its seeds are refused.
        SettingsError: the options don't fit the model.
        DatasetError: the model or the corpus is missing or damaged, or output holds another run.
    """
    return run_stage(generation_key(settings), settings.output, lambda partial: _body(settings, partial, progress))


def _body(settings: GenerationSettings, partial: Path, progress: Progress) -> Mapping[str, Any]:
    from textgen_core.generation.survey import survey  # lazy: nothing heavy for a run with nothing to do

    began = time.monotonic()
    found = survey(settings.seeds, settings)
    log.info("%s holds %d seeds", settings.seeds, found.rows)
    facts = _continued(settings, found, partial, progress)
    if facts["generated"] + facts["rejects"] - facts.get("partly_accepted", 0) != facts["seeds"]:
        raise DatasetError("each seed is generated or refused", facts, "Do not change the seed file meanwhile")
    return facts | {"seconds": round(time.monotonic() - began, 3)}


def _continued(settings: GenerationSettings, found: Survey, partial: Path, progress: Progress) -> dict[str, Any]:
    from textgen_core.decoding.engine import Engine
    from textgen_core.decoding.processors import PROCESSORS
    from textgen_core.decoding.settings import USED_BY
    from textgen_core.decoding.truncations import TRUNCATIONS
    from textgen_core.generation.job import Job
    from textgen_core.generation.plan import Plan
    from textgen_core.generation.seeds import PREFIX, nearly_knobs, passing_columns, read_seeds
    from textgen_core.generation.tally import tally
    from textgen_core.generation.training_text import training_text
    from textgen_core.generation.until import ROUNDS, Rounds
    from textgen_core.models.backend import on_device, prepare_device
    from textgen_core.models.directory import load_model
    from textgen_core.models.half import halve
    from textgen_core.tokenization.tokenizers import load_tokenizer

    device = prepare_device(settings.device)
    with on_device(device):
        model = load_model(settings.model)
        if settings.precision == "bfloat16":
            halve(model)
    tokenizer = load_tokenizer(settings.model)
    plan = Plan(settings, tokenizer, model.max_context, model_id(settings.model), model.pairs, model.reads_source)
    for column, knob in nearly_knobs(passing_columns(found, settings)).items():
        log.warning("%s: column %s only passes through. Did you mean %s?", settings.seeds, column, knob)
    own = passing_columns(found, settings)
    if PREFIX in own.names and not model.pairs:
        log.warning("%s: column %s only passes through, for the model did not learn from pairs", settings.seeds, PREFIX)
    schema = extended(GENERATIONS, own, str(settings.seeds))
    drawing = any("temperature" in USED_BY[sampler.strategy] for sampler in settings.samplers.values())
    columns = found.columns.names
    knobs = [name for name in columns if name in PROCESSORS or (name in TRUNCATIONS and drawing)]
    bank = plan.constraining.bank(model.vocab_size, columns)
    engine = Engine(
        model,
        tokenizer,
        settings.samplers.values(),
        knobs,
        settings.lanes,
        device,
        bank=bank,
        telemetry=settings.telemetry,
        alternatives=settings.alternatives,
    )
    began = time.monotonic()

    def draw(folder: Path, schema: pa.Schema, **told: Any) -> Job:
        job = Job(plan, schema, settings, str(settings.seeds), folder, progress, **told)
        job.run(read_seeds(settings.seeds, found, settings), found.rows, engine)
        return job

    if settings.until is None:
        job = draw(partial, schema)
        kept, refused, more = job.tokens, job.refused, {}
    else:
        known = None if settings.known is None else training_text(settings.known, progress)
        rounds = Rounds.of(settings, settings.until, found.rows, partial, known)
        rounds.run(draw, extended(ROUNDS, own, str(settings.seeds)))
        rounds.write(schema)
        refused, more = rounds.write_rejects(str(settings.seeds)), rounds.facts()
        kept = round(engine.drawn_tokens * rounds.share)
    seconds = max(time.monotonic() - began, 1e-9)
    made = tally(partial / "generations")
    if settings.until is None and made["tokens"] > kept:
        more |= {"earlier_tokens": made["tokens"] - kept}  # of a job that was killed: they are not in its pace
    if engine.drawn_tokens > kept:
        more |= {"drawn_tokens_per_second": round(engine.drawn_tokens / seconds, 1)}
    return {
        "seeds": found.rows,
        **made,
        "rejects": sum(refused.values()),
        **{f"rejected_{code}": count for code, count in sorted(refused.items())},
        **more,
        "programs": engine.programs.count,
        "compile_seconds": round(engine.programs.compile_seconds, 3),
        "tokens_per_second": round(kept / seconds, 1),
    }


def model_id(directory: Path) -> str:
    """First 12 hex digits of a model's digest."""
    return digest_of(directory, *MODEL_FILES)[:12]
