"""A model that follows a growing corpus, night after night. The round itself is textgen_core.retraining.rounds."""

from __future__ import annotations

from pathlib import Path

from prefect import Task, flow

from flows.pipeline import TASKS
from tasks.artifacts import publish_page
from tasks.policy import FLOW
from tasks.retraining import challenge
from textgen_core.datasets.manifest import Manifest
from textgen_core.markdown import inline, pairs, table
from textgen_core.registry import read_registry
from textgen_core.retraining.promotion import Outcome
from textgen_core.retraining.rounds import RoundStage, retrain
from textgen_core.retraining.settings import RetrainingSettings
from textgen_core.settings import Settings

EVENTS_SHOWN = 20


@flow(name="retraining", flow_run_name="retrain {settings.registry.name}", **FLOW)
def retraining(settings: RetrainingSettings) -> Outcome:
    """Read what is new, train, compare with the champion on the same held-out text, promote only what is better."""

    def run(stage: RoundStage, of_stage: Settings) -> Manifest:
        task: Task[..., Manifest] = challenge if stage == "challenge" else TASKS[stage]
        return task(of_stage)

    outcome = retrain(settings, run)
    publish_page("retraining", lambda: summary(settings.registry, outcome))
    return outcome


def summary(registry: Path, outcome: Outcome) -> str:
    """What was decided and why, and the decisions before it."""
    events = [
        {"when": f"{event.at:%Y-%m-%d %H:%M}", "decision": event.action, "version": f"v{event.version}"}
        | {"champion": f"v{event.champion}", "reason": event.reason}
        for event in reversed(read_registry(registry).history[-EVENTS_SHOWN:])
    ]
    return "\n\n".join(
        [
            f"## {inline(outcome.action.capitalize())}: {inline(outcome.reason)}",
            f"Champion: {inline(outcome.champion, 400)}",
            pairs(outcome.figures),
            "### Decisions so far",
            table(events),
        ]
    )
