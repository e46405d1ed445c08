"""What a stage command does with its settings, and what it prints about the result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from flows.cli.common import Doing
from flows.cli.metrics import print_metrics
from flows.cli.output import print_json, print_table, say
from textgen_core.datasets.manifest import Manifest, RunKey, working_directory
from textgen_core.datasets.stage import finished
from textgen_core.settings import Settings
from textgen_core.stages import STAGES, StageName

State = Literal["finished", "done", "new", "resume"]


def perform(name: str, stage: StageName, settings: Settings, doing: Doing) -> int:
    """Do what is missing of one stage, or say what would be done; print the result; return the exit code."""

    def work() -> Manifest:
        from flows.cli.dispatch import dispatch

        return dispatch(stage, settings, lambda: STAGES[stage].run(settings, doing.progress()), doing)

    output: Path = settings.output  # type: ignore[attr-defined]
    return carry_out(name, STAGES[stage].key(settings), output, work, doing)


def carry_out(name: str, key: RunKey, output: Path, work: Callable[[], Manifest], doing: Doing) -> int:
    """Do the work unless output holds it already, or say what would be done; print the result."""
    manifest = finished(output, key)
    if doing.dry_run:
        print_plan(name, key, output, manifest, doing)
        return 0
    state: State = "finished"
    if manifest is None:
        manifest, state = work(), "done"
    print_manifest(name, output, manifest, state, doing)
    return 0


def print_plan(name: str, key: RunKey, output: Path, manifest: Manifest | None, doing: Doing) -> None:
    """Say whether the stage is finished, would go on, or would start."""
    state: State = "finished" if manifest else "resume" if working_directory(output).exists() else "new"
    if doing.json:
        print_json({"stage": name, "state": state, "output": output, "key": key.model_dump(mode="json")})
        return
    words = {"finished": "is finished", "resume": "would go on where it stopped", "new": "would run"}
    say(f"{name} {words[state]}: {output} (key {key.digest[:12]})")


def print_manifest(name: str, output: Path, manifest: Manifest, state: State, doing: Doing) -> None:
    """Print where the result lies and its figures."""
    if doing.json:
        print_json({"stage": name, "state": state, "output": output, **summary(manifest)})
        return
    when = "was finished already" if state == "finished" else f"took {manifest.seconds:,.1f} s"
    say(f"{name} {when}: {output}")
    print_table(("", ""), manifest.facts.items())
    if (output / "metrics").is_dir():
        print_metrics(output)
    if not doing.quiet:
        say(f"Look at it: textgen show {output}")


def summary(manifest: Manifest) -> dict[str, Any]:
    """A manifest's figures as JSON values."""
    return {
        "key": manifest.key.digest,
        "digest": manifest.digest(),
        "facts": manifest.facts,
        "rows": rows_by_dataset(manifest),
        "seconds": manifest.seconds,
        "created": manifest.created.isoformat(),
    }


def rows_by_dataset(manifest: Manifest) -> dict[str, int]:
    """Rows of each Parquet dataset in a stage directory."""
    rows: dict[str, int] = {}
    for entry in manifest.files:
        if entry.rows is not None:
            name = entry.path.split("/")[0]
            rows[name] = rows.get(name, 0) + entry.rows
    return rows
