"""The ingestion stage as a flow of its own."""

from __future__ import annotations

from prefect import flow

from tasks.ingestion import ingest
from tasks.policy import FLOW
from textgen_core.datasets.manifest import Manifest
from textgen_core.ingestion.settings import IngestionSettings


@flow(name="ingestion", flow_run_name="ingest into {settings.output.name}", **FLOW)
def ingestion(settings: IngestionSettings) -> Manifest:
    """Read a corpus (files, folders, globs, URLs) into a dataset of documents."""
    return ingest(settings)
