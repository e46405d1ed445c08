"""What comes next, found by going through the motions: the first stage that is not finished says so, and isn't run."""

from __future__ import annotations

from typing import Any, NoReturn


class UnfinishedError(Exception):
    """A stage that is not finished."""

    def __init__(self, stage: Any) -> None:
        super().__init__(stage)
        self.stage = stage


def stop(stage: Any, *rest: object) -> NoReturn:
    """In the place of whatever runs a stage, with all that it would be told.

    Raises:
        UnfinishedError: always.
    """
    raise UnfinishedError(stage)
