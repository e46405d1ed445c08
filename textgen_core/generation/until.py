"""Drawing until every seed has its rows: in rounds, each of which asks for what is lacking after the one before.

Every round is a job of its own in the stage's scratch folder, so that a killed one goes on where it was. What is
accepted follows from the rounds' parts alone and is worked out anew; only at the end are the accepted rows written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.datasets.columns import column
from textgen_core.datasets.parts import PartWriter, parts_of, read_part
from textgen_core.datasets.schemas import GENERATIONS, REJECTS
from textgen_core.datasets.stage import SCRATCH
from textgen_core.generation.acceptance import Draw, Ledger, Rules
from textgen_core.generation.plan import Planned
from textgen_core.generation.refusal import Refusal
from textgen_core.generation.settings import GenerationOptions, UntilSettings
from textgen_core.generation.training_text import TrainingText

ROW = column("seed_row", pa.int64(), "the seed's row in the seed file")
"""Stands in the parts of rounds only."""
ROUNDS = pa.schema([*GENERATIONS, ROW])


@dataclass(slots=True)
class Asking:
    """Narrows a seed's requests to the draws that it needs now.

    Each round draws for every row that is lacking twice as many as the one before: a budget is spent in few rounds.

    Attributes:
        drawn: [seeds, samplers] draws so far.
        round: counted from 0.
    """

    options: GenerationOptions
    until: UntilSettings
    lacking: np.ndarray[Any, Any]
    drawn: np.ndarray[Any, Any]
    round: int = 0

    @classmethod
    def of(cls, options: GenerationOptions, until: UntilSettings, seeds: int) -> Asking:
        """Before the first round. Nothing is lacking to a seed that was not yet asked for."""
        shape = (seeds, len(options.samplers))
        return cls(options, until, np.zeros(shape, np.int32), np.zeros(shape, np.int32))

    def __call__(self, row: int, planned: Planned) -> Planned:
        """The seed in a row of the file, with its next draws."""
        firsts = [request for request in planned.requests if request.sample_index == 0]
        requests = []
        for first in firsts:
            cell = row, self.samplers.index(first.tag)
            if self.round == 0:
                self.lacking[cell] = self.options.samples
            begin, count = int(self.drawn[cell]), self._count(cell)
            self.drawn[cell] += count
            requests += [replace(first, sample_index=begin + more) for more in range(count)]
        return Planned(tuple(requests), planned.columns | {ROW.name: row})

    @property
    def samplers(self) -> list[str]:
        """Their names in the order of the rows."""
        return sorted(self.options.samplers)

    @property
    def goes_on(self) -> bool:
        """Whether any seed lacks rows and may draw for them."""
        return bool(((self.lacking > 0) & (self.drawn < self._most)).any())

    @property
    def _most(self) -> int:
        return self.options.samples * self.until.budget

    def _count(self, cell: tuple[int, int]) -> int:
        return min(int(self.lacking[cell]) << self.round, self._most - int(self.drawn[cell]))


class Rounds:
    """The rounds of a job and what was accepted of them.

    Args:
        folder: the stage's working directory.
    """

    def __init__(self, folder: Path, asking: Asking, ledger: Ledger) -> None:
        self._folder = folder
        self._asking = asking
        self._ledger = ledger
        self._accepted: list[np.ndarray[Any, Any]] = []
        self.draws = self._tokens = self._kept = 0

    @classmethod
    def of(
        cls, options: GenerationOptions, until: UntilSettings, seeds: int, folder: Path, known: TrainingText | None
    ) -> Rounds:
        """Those of a job with so many seeds.

        Raises:
            SettingsError: the automaton of until.match is too large.
        """
        asking = Asking.of(options, until, seeds)
        return cls(folder, asking, Ledger(Rules(until, known), until.unique, asking.lacking))

    def run(self, draw: Callable[..., object], schema: pa.Schema) -> None:
        """Draw and settle until nothing is lacking or nothing may be drawn.

        Args:
            draw: runs a job, given its folder and schema and what Job takes besides.
            schema: of the parts of a round.
        """
        while not self._accepted or self._asking.goes_on:
            lacking = int(self._asking.lacking.sum()) if self._accepted else self._most_rows
            figures = {"accepted before": self.accepted, "lacking before": lacking}  # a round is settled at its end
            phase = f"round {len(self._accepted) + 1}"
            draw(self.now, schema, narrowed=self._asking, phase=phase, figures=figures)
            self.settle()

    def facts(self) -> dict[str, Any]:
        """How it went."""
        dropped = {f"dropped_{reason}": count for reason, count in sorted(self._ledger.dropped.items())}
        return {"rounds": len(self._accepted), "draws": self.draws, **dropped, "partly_accepted": self._partly()}

    @property
    def share(self) -> float:
        """Of all tokens drawn, those in accepted rows."""
        return self._kept / max(1, self._tokens)

    @property
    def _most_rows(self) -> int:
        return self._asking.options.samples * self._asking.lacking.size

    @property
    def now(self) -> Path:
        """Where the parts of the round that comes next lie."""
        return self._of(len(self._accepted))

    @property
    def accepted(self) -> int:
        """Rows so far."""
        return sum(int(mask.sum()) for mask in self._accepted)

    def settle(self) -> None:
        """The round is drawn: decide what is accepted."""
        mask = self._ledger.settle(self._draws(self.now / "generations"))
        self._accepted.append(mask)
        self.draws += len(mask)
        self._asking.round += 1

    def _draws(self, generations: Path) -> Iterator[Draw]:
        names = [ROW.name, "seed_id", "sampler", "sample_index", "text", "finish_reason", "n_tokens"]
        number = {name: place for place, name in enumerate(self._asking.samplers)}
        for part in parts_of(generations):
            for batch in read_part(part, names):
                self._tokens += pc.sum(batch["n_tokens"]).as_py() or 0
                for row in batch.to_pylist():
                    cell = row[ROW.name], number[row["sampler"]]
                    told = (row[name] for name in ("seed_id", "sampler", "sample_index", "text", "finish_reason"))
                    yield Draw(cell, *told)

    def write(self, schema: pa.Schema) -> None:
        """The accepted rows of all rounds, in parts as those of a job without until."""
        begun = [0] * len(self._accepted)
        for name in [part.name for part in parts_of(self._of(0) / "generations")]:
            tables = []
            for turn, mask in enumerate(self._accepted):
                part = self._of(turn) / "generations" / name
                if part.exists():
                    table = pa.Table.from_batches(read_part(part))
                    tables.append(table.filter(pa.array(mask[begun[turn] :][: table.num_rows])))
                    begun[turn] += table.num_rows
            table = _numbered(pa.concat_tables(tables), schema)
            self._kept += pc.sum(table["n_tokens"]).as_py() or 0
            with PartWriter(self._folder / "generations" / name, schema) as writer:
                writer.write(table)

    def short(self) -> Iterator[tuple[int, Refusal]]:
        """The seeds that have fewer rows than were wanted, with their rows in the seed file."""
        wanted = self._asking.options.samples
        for row, prompt in self._prompts(np.flatnonzero(self._ledger.lacking.any(axis=1))):
            counts = zip(self._asking.samplers, self._ledger.lacking[row].tolist(), strict=True)
            drawn = dict(zip(self._asking.samplers, self._asking.drawn[row].tolist(), strict=True))
            told = ", ".join(f"{n} has {wanted - less} after {drawn[n]} draws" for n, less in counts if less)
            remedy = "Raise until.budget, or loosen the rules"
            message = f"a seed should have {wanted} accepted rows; {told}. {remedy}"
            yield row, Refusal("too-few-accepted", message, prompt)

    def _partly(self) -> int:
        """Seeds that have rows, but fewer than were wanted."""
        lacking, drawn = self._ledger.lacking, self._asking.drawn
        has = ((drawn > 0) & (lacking < self._asking.options.samples)).any(axis=1)
        return int((lacking.any(axis=1) & has).sum())

    def _prompts(self, rows: np.ndarray[Any, Any]) -> Iterator[tuple[int, str]]:
        wanted, told = set(rows.tolist()), -1
        for part in parts_of(self._of(0) / "generations"):
            for batch in read_part(part, [ROW.name, "prompt"]):
                for row in batch.to_pylist():
                    if row[ROW.name] in wanted and row[ROW.name] != told:
                        told = row[ROW.name]
                        yield told, row["prompt"]

    def _of(self, round: int) -> Path:
        return self._folder / SCRATCH / f"round-{round:02}"

    def write_rejects(self, source: str) -> Counter[str]:
        """Those that the first round refused and those that fell short, in the order of the file; counted by code."""
        refused = [
            row for part in parts_of(self._of(0) / "rejects") for batch in read_part(part) for row in batch.to_pylist()
        ]
        rejects = [*refused, *(refusal.row(source, row) for row, refusal in self.short())]
        with PartWriter(self._folder / "rejects" / "part-00000.parquet", REJECTS) as part:
            part.write(sorted(rejects, key=lambda row: row["source_row"]))
        return Counter(row["code"] for row in rejects)


def _numbered(drawn: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows by seed, sampler and draw, those of a seed and sampler counted from 0."""
    table = drawn.sort_by([(ROW.name, "ascending"), ("sampler", "ascending"), ("sample_index", "ascending")])
    index = pa.array(
        list(_within(zip(table[ROW.name].to_pylist(), table["sampler"].to_pylist(), strict=True))), pa.int32()
    )
    draws = table["sample_index"]
    table = table.set_column(table.schema.get_field_index("sample_index"), "sample_index", index)
    table = table.set_column(table.schema.get_field_index("draw"), "draw", draws)
    return table.select(schema.names)


def _within(keys: Iterable[tuple[int, str]]) -> Iterator[int]:
    """How many rows before have the same key; those of a key are neighbours."""
    previous, count = None, 0
    for key in keys:
        count = count + 1 if key == previous else 0
        previous = key
        yield count
