"""Where work is done: as a tracked flow where a Prefect server answers, else right here."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

from flows.cli.common import Common
from flows.service.detection import Api, answers, configured_api

Result = TypeVar("Result")


def dispatch(flow: str, argument: Any, here: Callable[[], Result], common: Common) -> Result:
    """Do some work and return its result.

    Args:
        flow: the module in flows/ and the flow in it, which have the same name.
        argument: the flow's one argument.
        here: does the same without Prefect.
    """
    common.start_logging()
    api = answering()
    if api is None:
        known = configured_api()
        reason = f"the Prefect server at {known.url} does not answer" if known else "no Prefect server is configured"
        common.note(f"Running here: {reason} (`textgen up` starts one).")
        return here()
    result: Result = as_flow(api, flow, argument, common)
    return result


def answering() -> Api | None:
    """The Prefect API that is configured, if it is alive."""
    api = configured_api()
    return api if api and answers(api.url) else None


def as_flow(api: Api, flow: str, argument: Any, common: Common) -> Any:
    """Run a flow in this process, tracked by a server, and return its result."""
    api.use()  # before Prefect is imported
    common.note(f"Running as a flow; watch it at {api.ui}")
    from tasks.delivery import deliver
    from tasks.progress import also_drawn_by

    with also_drawn_by(common.progress()):
        try:
            return getattr(importlib.import_module(f"flows.{flow}"), flow)(argument)
        finally:
            deliver()
