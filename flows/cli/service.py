"""``textgen up`` and ``textgen down``: server, worker and deployments on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from flows.cli.common import Common, Directory, Number
from flows.cli.output import print_json, say


def up(
    *,
    port: Annotated[Number, Parameter(validator=validators.Number(gte=1, lte=65535))] = 4200,
    runs_at_once: Annotated[Number, Parameter(validator=validators.Number(gte=1))] = 1,
    nightly: Directory | None = None,
    registry: Path = Path("runs/nightly"),
    common: Common | None = None,
) -> int:
    """Start server, worker and deployments on this machine, reachable from it only.

    Args:
        port: The server's; another is taken where it is not free.
        runs_at_once: Flow runs that the worker does at the same time. One, since two trainings would share the cores.
        nightly: A folder to which text is added: each night a model learns what is new, and is promoted only if it is
            better. Stays so until `--nightly off`, also when the service is started again.
        registry: Where nightly retraining keeps its models.
    """
    common = common or Common()
    from flows.service.lifecycle import up as start
    from flows.service.nightly import checked, read_nightly, switched_on, write_nightly

    folder = checked(Path(nightly)) if nightly not in (None, "off") else None
    service = start(port, common.note, runs_at_once=runs_at_once)
    retraining = read_nightly(service.api.url)
    if retraining and nightly:
        retraining = switched_on(retraining, folder, registry) if folder else retraining._replace(active=False)
        write_nightly(service.api.url, retraining)
    if common.json:
        document = {"api": service.api.url, "ui": service.api.ui, "started": service.started}
        print_json(document | {"nightly": retraining and retraining._asdict()})
    else:
        say(f"{'Up' if service.started else 'It was up already'}: {service.api.ui}")
        if retraining:
            say(str(retraining))
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
