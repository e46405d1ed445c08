"""A run whose process was killed would stay Running for ever. Two things end it.

While the server runs, an automation waits for heartbeats, which every flow run of ours sends each 30 seconds. What no
automation saw, because the server was down as well, is settled when the service starts or ends.
"""

from __future__ import annotations

from typing import Any

from flows.service.api import call

AUTOMATION = "textgen: a run without heartbeat has crashed"
SILENT_SECONDS = 120
"""Three missed heartbeats and a rest: TensorFlow's compiler may hold the interpreter for half a minute."""

_ENDED = [f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed", "Paused")]
_HEARTBEAT = "prefect.flow-run.heartbeat"


def watch_heartbeats(url: str) -> None:
    """Have the server mark runs that fell silent as crashed; once, however often it is called."""
    name = {"automations": {"name": {"any_": [AUTOMATION]}}}
    if call(url, "automations/filter", name):
        return
    trigger: dict[str, Any] = {
        "type": "event",
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
        "for_each": ["prefect.resource.id"],
        "after": [_HEARTBEAT],
        "expect": [_HEARTBEAT, *_ENDED],
        "posture": "Proactive",
        "threshold": 1,
        "within": SILENT_SECONDS,
    }
    crashed = {"type": "change-flow-run-state", "state": "CRASHED", "message": _message("its heartbeat stopped")}
    body = {"name": AUTOMATION, "description": "Made by textgen up.", "trigger": trigger, "actions": [crashed]}
    call(url, "automations/", body)


def settle(url: str, pool: str) -> int:
    """Mark all runs of a work pool that claim to run as crashed, and return how many; for when no worker is alive."""
    states = {"any_": ["RUNNING", "PENDING", "CANCELLING"]}
    body = {"flow_runs": {"state": {"type": states}}, "work_pools": {"name": {"any_": [pool]}}}
    runs = call(url, "flow_runs/filter", body)
    for run in runs:
        state = {"type": "CRASHED", "name": "Crashed", "message": _message("its worker ended")}
        call(url, f"flow_runs/{run['id']}/set_state", {"state": state, "force": True})
    return len(runs)


def _message(why: str) -> str:
    return (
        f"The process of this run is gone: {why}. Run it again with the same parameters: it goes on where it stopped."
    )
