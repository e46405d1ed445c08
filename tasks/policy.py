"""How every stage runs as a task and as a flow: one dictionary each, every line with its reason."""

from __future__ import annotations

from typing import Any

from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from textgen_core.errors import TextgenError

RETRY_SECONDS = [10, 60]


def worth_retrying(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Only what the machine did: a full disk or a lost mount may pass, an impossible setting fails again alike."""
    try:
        state.result(raise_on_failure=True)
    except TextgenError as error:
        return isinstance(error.__cause__, OSError)
    except OSError:
        return True
    except Exception:
        return False
    return False


TASK: dict[str, Any] = {
    # Whether work is needed is decided by the manifests; a cached result would hide a change in the core.
    "cache_policy": NO_CACHE,
    # A task's result is its manifest, which is on disk already.
    "persist_result": False,
    # A stage goes on from its finished parts, so that a retry costs what was lost and no more.
    "retries": len(RETRY_SECONDS),
    "retry_delay_seconds": RETRY_SECONDS,
    "retry_condition_fn": worth_retrying,
    # No timeout: Prefect can't interrupt a thread, and how long a corpus takes is the user's business.
    "timeout_seconds": None,
    # The core logs; nothing in it prints.
    "log_prints": False,
}

FLOW: dict[str, Any] = {
    "persist_result": False,
    # Never pickle: should a deployment switch persistence on, results are written as JSON.
    "result_serializer": "json",
    # A flow is an order of tasks, which have retries of their own.
    "retries": 0,
    "timeout_seconds": None,
    "log_prints": False,
    # The form in the UI and the flow's own call are checked by the same pydantic settings.
    "validate_parameters": True,
}
