"""A comparison as a flow: each stage is a task named after its cell, and what follows from the grid is a page."""

from pathlib import Path

from textgen_core.comparison.settings import ComparisonSettings
from textgen_core.comparison.stages import OWN


def test_each_stage_is_a_task_of_its_own_name_and_the_findings_a_page(prefect_server, artifacts, tmp_path, monkeypatch):
    from flows import comparison as module

    done = []
    usual = ("training", "generation")

    def compare(settings, run):
        for kind in (*OWN, *usual):
            run(kind, f"cell/{kind}", settings, kind)
        return Path("summary")

    monkeypatch.setattr(module, "compare", compare)
    monkeypatch.setattr(
        module, "TASKS", {kind: lambda settings, name, work: done.append((name, work)) for kind in usual}
    )
    monkeypatch.setattr(module, "of_comparison", lambda settings, name, work: done.append((name, work)))
    monkeypatch.setattr(module, "shown", lambda summary: f"cells of {summary}")
    settings = ComparisonSettings(output=tmp_path, ingestion={"inputs": ["a.txt"]})
    assert module.comparison(settings) == Path("summary")
    assert done == [(f"cell/{kind}", kind) for kind in (*OWN, *usual)]
    assert "cells of summary" in artifacts()["comparison"].data
