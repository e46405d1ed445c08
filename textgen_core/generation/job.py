"""The job: seeds stream through the engine into Parquet parts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import REJECTS
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.generation.plan import Plan, Planned
from textgen_core.generation.refusal import Refusal, check_share
from textgen_core.generation.seeds import Seed
from textgen_core.generation.settings import GenerationOptions
from textgen_core.generation.shards import Shard, Ticket
from textgen_core.progress import Progress, Update

SECONDS_BETWEEN_UPDATES = 0.5
BATCH = 256
"""Seeds tokenized at once, and refused ones written at once."""

NONE: Mapping[str, float] = {}

T = TypeVar("T")


class Job:
    """One attempt at a seed file. Parts that an earlier one finished stay, and their seeds are passed over.

    Args:
        schema: of the parts.
        options: those of the job.
        source: the seed file's name, for rejects.
        folder: gets generations/ and rejects/.
        narrowed: from a row of the file and what is planned for it, what of that is asked for.
        phase: what its progress is called.
        figures: told with it.
    """

    def __init__(
        self,
        plan: Plan,
        schema: pa.Schema,
        options: GenerationOptions,
        source: str,
        folder: Path,
        progress: Progress,
        narrowed: Callable[[int, Planned], Planned] = lambda row, planned: planned,
        phase: str = "generation",
        figures: Mapping[str, float] = NONE,
    ) -> None:
        self._plan = plan
        self._schema = schema
        self._options = options
        self._source = source
        self._folder = folder
        self._progress = progress
        self._narrowed = narrowed
        self._phase, self._figures = phase, figures
        self._told = self._began = time.monotonic()
        self._read = self._passed = self._answered = 0
        self._unanswered: dict[int, int] = {}
        self._example = ""
        self.tokens = 0
        """New tokens in this attempt's rows."""
        self.refused: Counter[str] = Counter()
        """Refused seeds by code."""

    def run(self, seeds: Iterable[Seed | Refusal], total: int, engine: Engine) -> None:
        """Continue the seeds, one for each row of the file.

        Raises:
            InputError: too many are refused.
        """
        with PartWriter(self._folder / "rejects" / "part-00000.parquet", REJECTS) as rejects:
            for completion in engine.run(self._requests(seeds, total, rejects)):
                ticket: Ticket = completion.request.tag
                ticket.shard.take(completion, ticket)
                self.tokens += len(completion.tokens)
                if completion.last:
                    self._answer(ticket.place[0])
                self._tell(total)
        self._tell(total, now=True)

    def _requests(self, seeds: Iterable[Seed | Refusal], total: int, rejects: PartWriter) -> Iterator[Request]:
        """What the engine is given, in the order of the file. Refused seeds are written on the way."""
        shard: Shard | None = None
        for batch in _batched(seeds, BATCH):
            planned = self._plan.of(batch)
            refused = [(row, plan) for row, plan in enumerate(planned, self._read) if isinstance(plan, Refusal)]
            self._refuse(rejects, refused, total)
            for plan in planned:
                if self._read % self._options.seeds_per_part == 0:
                    if shard is not None:
                        shard.seal()
                    shard = self._shard(self._read // self._options.seeds_per_part)
                asked = None if isinstance(plan, Refusal) else self._narrowed(self._read, plan)
                if asked is not None and asked.requests and shard is not None and not shard.done:
                    self._unanswered[self._read] = len(asked.requests)
                    yield from shard.requests(self._read, asked)
                else:
                    self._passed += 1
                self._read += 1
        if shard is not None:
            shard.seal()

    def _answer(self, row: int) -> None:
        """A request of the seed in this row is answered. Seeds are read far ahead: only answered ones are progress."""
        self._unanswered[row] -= 1
        if not self._unanswered[row]:
            del self._unanswered[row]
            self._answered += 1

    def _shard(self, number: int) -> Shard:
        return Shard(self._folder / "generations" / f"part-{number:05}.parquet", self._schema, self._options.telemetry)

    def _refuse(self, rejects: PartWriter, refused: list[tuple[int, Refusal]], total: int) -> None:
        if refused:
            rejects.write([refusal.row(self._source, number) for number, refusal in refused])
            self.refused.update(refusal.code for _, refusal in refused)
            self._example = self._example or f"row {refused[0][0]}: {refused[0][1].message}"
        check_share(self.refused, total, self._options.max_reject_share, self._source, self._example)

    def _tell(self, total: int, now: bool = False) -> None:
        moment, done = time.monotonic(), self._passed + self._answered
        if now or (done < total and moment - self._told >= SECONDS_BETWEEN_UPDATES):  # the end is told once
            self._told = moment
            figures = {**self._figures, "tokens/s": self.tokens_per_second}
            self._progress(Update(self._phase, done, total, "seeds", figures))

    @property
    def tokens_per_second(self) -> float:
        """New tokens a second since this attempt began, compiling included."""
        return self.tokens / max(time.monotonic() - self._began, 1e-9)


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch
