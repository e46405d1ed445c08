"""Nightly retraining: which folder it follows and whether its schedule is on. The server keeps both."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, NamedTuple

from flows.service.api import call
from textgen_core.errors import InputError, ServiceError

DEPLOYMENT = "nightly"
USER = "bulk"
"""The deployment that generates with the champion of the same registry."""
FLOWS = {DEPLOYMENT: "retraining", USER: "generation"}
"""Whose they are: on a server of the user's own others may have deployments of these names."""


class Nightly(NamedTuple):
    """What the deployment does and when."""

    parameters: dict[str, Any]
    schedule: dict[str, Any]
    active: bool

    def __str__(self) -> str:
        """The state of the schedule in a sentence or two, as people read it."""
        if not self.active:
            return "Nightly retraining is off; `textgen up --nightly FOLDER` switches it on."
        settings = self.parameters["settings"]
        inputs = ", ".join(settings["ingestion"]["inputs"])
        return (
            f"Retrains {_when(self.schedule)} on {inputs}, into {settings['registry']} (off: textgen up --nightly off)."
        )


def read_nightly(url: str) -> Nightly | None:
    """How the deployment stands; None before there is one."""
    if (found := _find(url, DEPLOYMENT)) is None:
        return None
    [schedule, *_] = found["schedules"] or [{"schedule": {}, "active": False}]
    return Nightly(found["parameters"], schedule["schedule"], schedule["active"])


def write_nightly(url: str, nightly: Nightly) -> None:
    """Have the deployment stand so, e.g. as before it was deployed anew."""
    found = _find(url, DEPLOYMENT)
    if found is None:
        raise ServiceError("the nightly deployment must be there", url, "`textgen up` deploys it")
    call(url, f"deployments/{found['id']}", {"parameters": nightly.parameters}, method="PATCH")
    for schedule in found["schedules"][:1]:
        body = {"schedule": nightly.schedule, "active": nightly.active}
        call(url, f"deployments/{found['id']}/schedules/{schedule['id']}", body, method="PATCH")
    if bulk := _find(url, USER):
        registry = {"registry": nightly.parameters["settings"]["registry"]}
        call(url, f"deployments/{bulk['id']}", {"parameters": {**bulk["parameters"], **registry}}, method="PATCH")


def switched_on(nightly: Nightly, folder: Path, registry: Path) -> Nightly:
    """The same, following a folder. Paths are made absolute: a scheduler may be anywhere."""
    settings = nightly.parameters["settings"]
    ingestion = {**settings.get("ingestion", {}), "inputs": [os.path.abspath(folder)]}
    settings = {**settings, "ingestion": ingestion, "registry": os.path.abspath(registry)}
    return nightly._replace(parameters={**nightly.parameters, "settings": settings}, active=True)


def checked(folder: Path) -> Path:
    """The folder, which is there.

    Raises:
        InputError: it isn't.
    """
    if not folder.is_dir():
        raise InputError("--nightly takes a folder that is there", str(folder), "Make it, even if it is still empty")
    return folder


def _find(url: str, name: str) -> dict[str, Any] | None:
    wanted = {"deployments": {"name": {"any_": [name]}}, "flows": {"name": {"any_": [FLOWS[name]]}}}
    found: list[dict[str, Any]] = call(url, "deployments/filter", wanted)
    return next(iter(found), None)


def _when(schedule: dict[str, Any]) -> str:
    zone = schedule.get("timezone") or "UTC"
    if daily := re.fullmatch(r"(\d+) (\d+) \* \* \*", schedule.get("cron") or ""):
        return f"every day at {int(daily[2]):02}:{int(daily[1]):02} {zone}"
    return f"by the schedule {schedule.get('cron') or schedule} {zone}"
