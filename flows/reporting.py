"""The reporting stage as a flow of its own."""

from __future__ import annotations

from prefect import flow

from tasks.policy import FLOW
from tasks.reporting import report
from textgen_core.datasets.manifest import Manifest
from textgen_core.reporting.settings import ReportingSettings


@flow(name="reporting", flow_run_name="report on {settings.corpus.name} into {settings.output.name}", **FLOW)
def reporting(settings: ReportingSettings) -> Manifest:
    """Write the page that compares models."""
    return report(settings)
