"""``textgen up`` and ``textgen down``: server, worker and deployments on this machine."""

from __future__ import annotations

from flows.cli.common import Common
from flows.cli.output import print_json, say


def up(*, port: int = 4200, runs_at_once: int = 1, common: Common | None = None) -> int:
    """Start server, worker and deployments on this machine, reachable from it only.

    Args:
        port: of the server; another is taken where it is not free.
        runs_at_once: flow runs that the worker does at the same time. One, since two trainings would share the cores.
    """
    common = common or Common()
    from flows.service.lifecycle import up as start

    service = start(port, common.note, runs_at_once=runs_at_once)
    if common.json:
        print_json({"api": service.api.url, "ui": service.api.ui, "started": service.started})
    else:
        say(f"{'Up' if service.started else 'It was up already'}: {service.api.ui}")
        say("Stop it: textgen down")
    return 0


def down(*, common: Common | None = None) -> int:
    """Stop what `textgen up` started, and every run of it."""
    from flows.service.lifecycle import down as stop

    was_up = stop()
    if common and common.json:
        print_json({"was_up": was_up})
    else:
        say("Stopped." if was_up else "Nothing was up.")
    return 0
