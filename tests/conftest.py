"""What tests of several packages look at: one small pipeline, really run, once a session."""

import pytest
from hypothesis import HealthCheck, settings

from tests import small
from textgen_core.pipeline import run_pipeline
from textgen_core.progress import silent
from textgen_core.stages import STAGES

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """Its folder (``out`` in it), the names of the steps in the order in which they ran, and their manifests."""
    folder = tmp_path_factory.mktemp("pipeline")
    started: list[str] = []

    def run(step, settings):
        started.append(step.name)
        return STAGES[step.stage].run(settings, silent)

    manifests = run_pipeline(small.config(folder), run)
    return folder, started, manifests
