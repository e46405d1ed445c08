"""The seeding stage as a flow of its own."""

from __future__ import annotations

from prefect import flow

from tasks.policy import FLOW
from tasks.seeding import seed
from textgen_core.datasets.manifest import Manifest
from textgen_core.seeding.settings import SeedingSettings


@flow(name="seeding", flow_run_name="seed from {settings.corpus.name}", **FLOW)
def seeding(settings: SeedingSettings) -> Manifest:
    """Draw a seed file from held-out documents."""
    return seed(settings)
