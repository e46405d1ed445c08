"""Stages as flows: run names that say what they do, summaries in the UI, and errors as they are."""

import pytest

from textgen_core.errors import InputError


@pytest.fixture
def settings(tmp_path):
    from textgen_core.ingestion.settings import IngestionSettings

    (tmp_path / "book.txt").write_text("\n\n".join(f"verse {number} <b>" for number in range(100)))
    return IngestionSettings(inputs=[str(tmp_path / "book.txt")], output=tmp_path / "corpus")


def test_a_stage_is_done_once_and_summarised(prefect_server, artifacts, settings):
    from flows.ingestion import ingestion

    manifest = ingestion(settings)
    assert manifest.facts["documents"] == 100
    page = artifacts()["ingestion-summary"].data
    assert "documents | 100 |" in page
    assert "corpus" in page
    assert ingestion(settings) == manifest


def test_a_run_is_named_after_what_it_does(prefect_server, settings):
    from prefect.client.orchestration import get_client

    from flows.ingestion import ingestion

    ingestion(settings)
    with get_client(sync_client=True) as client:
        names = {run.name for run in client.read_flow_runs()}
    assert "ingest into corpus" in names


def test_a_stages_error_is_the_flows_error(prefect_server, settings):
    from flows.ingestion import ingestion

    with pytest.raises(InputError):
        ingestion(settings.model_copy(update={"inputs": (str(settings.output.with_name("missing.txt")),)}))


def test_a_page_that_fails_costs_no_result(prefect_server, settings, monkeypatch):
    from flows.ingestion import ingestion
    from tasks import artifacts as module

    def refuse(*arguments):
        raise ConnectionError("gone")

    monkeypatch.setattr(module, "create_markdown_artifact", refuse)
    assert ingestion(settings).facts["documents"] == 100


def test_generation_takes_the_champion_of_a_registry(prefect_server, tmp_path, monkeypatch):
    from flows import generation as module
    from tests.test_registry import make_model
    from textgen_core.generation.settings import GenerationSettings
    from textgen_core.registry import promote

    model = make_model(tmp_path / "model")
    promote(tmp_path / "registry", model, {}, "first", {})
    asked = []
    monkeypatch.setattr(module, "generate", asked.append)
    settings = GenerationSettings(model="champion", seeds="seeds.csv", output=tmp_path / "out")
    module.generation(settings, tmp_path / "registry")
    assert asked[0].model == model
