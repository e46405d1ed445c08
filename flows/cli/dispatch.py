"""Where a stage runs: as a tracked flow where a Prefect server answers, else right here."""

from __future__ import annotations

import importlib
import os
from typing import Any

from flows.cli.common import Common
from flows.cli.server import answering_api
from textgen_core.datasets.manifest import Manifest
from textgen_core.settings import Settings


def run_stage(stage: str, function: str, settings: Settings, common: Common) -> Manifest:
    """Do one stage and return its manifest.

    Args:
        stage: its package, e.g. ``training``.
        function: the stage function's name there, e.g. ``train``.
    """
    common.start_logging()
    api, reason = answering_api()
    if api is None:
        common.note(f"Running here: {reason}.")
        work: Any = getattr(importlib.import_module(f"textgen_core.{stage}.stage"), function)
        manifest: Manifest = work(settings, common.progress())
        return manifest
    os.environ["PREFECT_API_URL"] = api
    common.note(f"Running as a flow on {api}.")
    from textgen_core.datasets.manifest import read_manifest

    flow: Any = getattr(importlib.import_module(f"flows.{stage}"), function)
    flow(settings)
    return read_manifest(settings.output)  # type: ignore[attr-defined]
