"""A sweep as a flow: each stage is a task named after its knob, and the verdict is a page."""

from tests.cli import stages
from textgen_core.frontier.settings import FrontierSettings


def test_each_stage_is_a_task_of_its_own_name_and_the_verdict_a_page(prefect_server, artifacts, tmp_path, monkeypatch):
    from flows import frontier as module

    done = []
    kinds = ("reference", "generation", "evaluation", "summary")
    summary = stages.corpus(tmp_path / "summary", ["one"])

    def sweep(settings, run):
        for kind in kinds:
            run(kind, "top_k", settings)
        return summary

    def noted(kind):
        return lambda settings, name: done.append((kind, name))

    monkeypatch.setattr(module, "sweep", sweep)
    monkeypatch.setattr(module, "TASKS", {kind: noted(kind) for kind in kinds})
    monkeypatch.setattr(module, "refer", noted("reference"))
    monkeypatch.setattr(module, "summarize", noted("summary"))
    places = dict.fromkeys(("model", "seeds", "tokens", "corpus", "output"), tmp_path)
    assert module.frontier(FrontierSettings(**places)) == summary
    assert done == [(kind, f"top_k/{kind}") for kind in kinds]
    assert "documents | 1" in artifacts()["frontier"].data
