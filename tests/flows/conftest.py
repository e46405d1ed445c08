"""One throw-away Prefect server for all tests of flows; the user's own Prefect is never touched."""

import importlib

import pytest


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory):
    """The address of the API that flows of this session are tracked by."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect")))
    patch.delenv("PREFECT_API_URL", raising=False)
    importlib.import_module("tasks")  # sets what Prefect reads when it is imported
    from prefect.settings import get_current_settings
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield get_current_settings().api.url
    patch.undo()


@pytest.fixture
def artifacts(prefect_server):
    """Reads what was published: key -> the latest artifact of that key."""
    from prefect.client.orchestration import get_client

    def read():
        with get_client(sync_client=True) as client:
            found = client.read_artifacts()
        return {artifact.key: artifact for artifact in sorted(found, key=lambda artifact: artifact.updated)}

    return read
