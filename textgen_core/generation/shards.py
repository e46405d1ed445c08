"""Shards: stretches of the seed file whose continuations make one Parquet part each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from textgen_core.datasets.parts import PartWriter
from textgen_core.decoding.request import Completion, Request
from textgen_core.generation.details import alternatives, told
from textgen_core.generation.plan import Planned


@dataclass(frozen=True, slots=True)
class Ticket:
    """Goes with a request and brings its completions home: to a shard, to a place in it."""

    shard: Shard
    place: tuple[int, int]
    """The seed's row and the request's number among those of the seed."""
    row: dict[str, Any]
    """What is known of the completion before it is made."""


class Shard:
    """One part: collects completions until the last request is answered, then writes them.

    Rows come out by (seed's row, request's number, sample index), whatever order they came in.
    """

    def __init__(self, path: Path, schema: pa.Schema, telemetry: bool) -> None:
        self._path = path
        self._schema = schema
        self._telemetry = telemetry
        self._rows: dict[tuple[int, int, int], dict[str, Any]] = {}
        self._waiting = 0
        self._sealed = False
        self.done = path.exists()

    def requests(self, row: int, planned: Planned) -> Iterator[Request]:
        """The seed's requests, each with its ticket."""
        for number, request in enumerate(planned.requests):
            known = {**planned.columns, "sampler": request.tag}
            self._waiting += 1
            yield replace(request, tag=Ticket(self, (row, number), known))

    def take(self, completion: Completion, ticket: Ticket) -> None:
        """One more row; the last one writes the part."""
        self._rows[*ticket.place, completion.sample_index] = ticket.row | {
            "sample_index": completion.sample_index,
            "text": completion.text,
            "token_ids": completion.tokens,
            "n_tokens": len(completion.tokens),
            "logprob": completion.logprob,
            "finish_reason": completion.finish_reason,
            **(told(completion) if self._telemetry else {}),
            **alternatives(completion),
        }
        self._waiting -= completion.last
        self._write_if_complete()

    def seal(self) -> None:
        """No more seeds will come."""
        self._sealed = True
        self._write_if_complete()

    def _write_if_complete(self) -> None:
        if not self._sealed or self._waiting or not self._rows:
            return
        with PartWriter(self._path, self._schema) as part:
            part.write([row for _, row in sorted(self._rows.items(), key=lambda item: item[0])])
        self._rows.clear()
        self.done = True
