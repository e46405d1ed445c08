"""``textgen run``: the whole pipeline of a configuration."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from flows.cli.common import Doing, Switch
from flows.cli.metrics import HEADLINES, print_metrics
from flows.cli.outcome import rows_by_dataset, summary
from flows.cli.output import print_json, print_table, say
from textgen_core.config import Config, load_config
from textgen_core.datasets.manifest import Manifest, read_manifest
from textgen_core.figures import figure
from textgen_core.pipeline import Planned, Step, link_products, plan, run_pipeline, steps
from textgen_core.settings import Settings
from textgen_core.stages import STAGES


def run(
    config: Path,
    /,
    *,
    ui: Switch = False,
    doing: Doing | None = None,
) -> int:
    """Run the whole pipeline of a configuration; only what changed is done.

    Args:
        config: A YAML file; `textgen init` writes one.
        ui: Start a Prefect server for the duration, if none answers, and print its address.
    """
    return perform(load_config(config), doing or Doing(), ui)


def perform(config: Config, doing: Doing, ui: bool = False) -> int:
    """Run a pipeline, or say what would be done; print what was; return the exit code."""
    planned = plan(config)
    if doing.dry_run:
        print_plan(planned, doing)
        return 0
    before = {step.name for step in planned if step.state == "finished"}
    if len(before) == len(planned):
        manifests = linked(config, planned)
    else:
        manifests = watched(config, doing) if ui else tracked(config, doing)
    print_manifests(config, manifests, before, doing)
    return 0


def linked(config: Config, planned: list[Planned]) -> dict[str, Manifest]:
    """The manifests of a finished pipeline, whose products get their names again. No key is computed twice."""
    manifests = {}
    for step, known in zip(steps(config), planned, strict=True):
        if known.output is not None:
            manifests[step.name] = read_manifest(known.output)
            link_products(step, config.output, known.output)
    return manifests


def tracked(config: Config, doing: Doing) -> dict[str, Manifest]:
    """Run a pipeline as a flow where a server answers."""
    from flows.cli.dispatch import dispatch

    return dispatch("pipeline", config, lambda: here(config, doing), doing)


def watched(config: Config, doing: Doing) -> dict[str, Manifest]:
    """Run a pipeline as a flow: of the server that answers, else of one that lives as long as the run. Right here where
    no server could be reached."""
    from flows.cli.dispatch import answering, as_flow
    from flows.service.lifecycle import temporary_server
    from flows.service.server import loopback_works

    doing.start_logging()
    with contextlib.ExitStack() as stack:
        api = answering()
        if api is None and not loopback_works():
            doing.note("Running here, with no pages to watch: the loopback interface is down.")
            return here(config, doing)
        if api is None:
            doing.note("Starting a Prefect server for the duration (about 15 s) ...")
            api = stack.enter_context(temporary_server())
        manifests: dict[str, Manifest] = as_flow(api, "pipeline", config, doing)
    return manifests


def here(config: Config, doing: Doing) -> dict[str, Manifest]:
    """Run a pipeline in this process."""
    progress = doing.progress()

    def do(step: Step, settings: Settings) -> Manifest:
        doing.note(f"{step.name} ...")
        return STAGES[step.stage].run(settings, progress)

    return run_pipeline(config, do)


def print_plan(planned: list[Planned], doing: Doing) -> None:
    """Say what would be done."""
    if doing.json:
        print_json([{"step": step.name, "state": step.state, "output": step.output} for step in planned])
        return
    words = {"finished": "finished", "run": "would run", "waits": "would run after what it needs"}
    print_table(("step", "state", "directory"), ((step.name, words[step.state], step.output) for step in planned))


def print_manifests(config: Config, manifests: Mapping[str, Manifest], before: set[str], doing: Doing) -> None:
    """Print what every step did and where the results lie."""
    if doing.json:
        states = {name: "finished" if name in before else "done" for name in manifests}
        document = {name: {"state": states[name], **summary(manifest)} for name, manifest in manifests.items()}
        print_json({"output": config.output, "steps": document})
        return
    rows = [
        (name, "was finished" if name in before else f"{manifest.seconds:,.1f} s", in_short(manifest))
        for name, manifest in manifests.items()
    ]
    print_table(("step", "time", "result"), rows)
    if len(before) == len(manifests):
        say("Nothing to do: every step was finished.")
    for name in config.models:
        print_metrics(config.output / name, name, HEADLINES)
    output = os.path.normpath(config.output)
    say(f"Report:  {os.path.join(output, 'report.html')}")  # noqa: PTH118
    say(f"Look in: textgen show {output}")


def in_short(manifest: Manifest) -> str:
    """Rows of each dataset, or the first figures."""
    rows = rows_by_dataset(manifest)
    figures = rows or dict(list(manifest.facts.items())[:4])
    return ", ".join(f"{name} {figure(value)}" for name, value in figures.items())
