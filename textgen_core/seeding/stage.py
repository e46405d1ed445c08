"""The seeding stage: held-out documents -> seeds.parquet."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import Manifest, RunKey
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage
from textgen_core.numerics import wording
from textgen_core.progress import Progress, Update
from textgen_core.seeding.settings import SeedingSettings

CODE_VERSION = 4
SEEDS = "seeds.parquet"

log = logging.getLogger(__name__)


def seeding_key(settings: SeedingSettings) -> RunKey:
    """All that decides which seeds are drawn.

    Raises:
        DatasetError: the corpus is no finished directory.
    """
    return RunKey(
        stage="seeding",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs={"documents": digest_of(settings.corpus, "documents")},
        numerics=wording(),
    )


def seed(settings: SeedingSettings, progress: Progress) -> Manifest:
    """Draw the seeds and commit them.

    Raises:
        InputError: the split has no documents, or there is no such column.
    """

    def body(partial: Path) -> Mapping[str, Any]:
        from textgen_core.seeding.draw import draw_seeds  # NumPy: not for a run with nothing to do

        table = draw_seeds(settings)
        if settings.by is None and table.num_rows < settings.count:
            log.warning("%d seeds are drawn, not %d: there are no more", table.num_rows, settings.count)
        with PartWriter(partial / SEEDS, table.schema) as part:
            part.write(table)
        progress(Update("seeding", table.num_rows, table.num_rows, "seeds"))
        return {"seeds": table.num_rows}

    return run_stage(seeding_key(settings), settings.output, body)
