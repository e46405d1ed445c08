"""``textgen registry``: the champion, its predecessors, and the way back."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from flows.cli.common import Common, Text
from flows.cli.examples import EXAMPLES
from flows.cli.output import print_json, print_table, say
from textgen_core.errors import DatasetError
from textgen_core.registry import REGISTRY, Versions, read_registry, roll_back

app = App(
    name="registry",
    help="The champion, its predecessors, and the way back.",
    help_epilogue=f"Example: {EXAMPLES['registry']}",
    help_format="plaintext",
)


@app.command(name="list")
def list_versions(directory: Path, /, *, common: Common | None = None) -> int:
    """List the versions of a registry and what became of each.

    Args:
        directory: The one that `textgen retrain` was given as --registry.
    """
    if not (directory / REGISTRY).is_file():
        raise DatasetError(f"a registry holds a {REGISTRY}", str(directory), "`textgen retrain` makes one")
    versions = read_registry(directory)
    if common and common.json:
        print_json(versions.model_dump(mode="json"))
    else:
        print_versions(versions)
    return 0


@app.command
def rollback(directory: Path, /, *, reason: Text = "by hand", common: Common | None = None) -> int:
    """Put the previous champion back into office.

    Args:
        directory: The one that `textgen retrain` was given as --registry.
        reason: Noted in the registry's history.
    """
    versions = roll_back(directory, reason)
    if common and common.json:
        print_json(versions.model_dump(mode="json"))
    elif versions.champion:
        say(f"Champion is now v{versions.champion.number}: {versions.champion.model}")
    return 0


def print_versions(versions: Versions) -> None:
    """Print versions and history for people."""
    roles = dict(zip(versions.champions[:-3:-1], ("champion", "previous"), strict=False))
    rows = [
        (
            f"v{version.number}",
            roles.get(version.number),
            version.digest[:12],
            f"{version.created:%Y-%m-%d %H:%M}",
            version.model,
        )
        for version in versions.versions
    ]
    print_table(("version", "role", "digest", "made", "directory"), rows)
    events = [
        (f"{event.at:%Y-%m-%d %H:%M}", event.action, f"v{event.version}", event.figures, event.reason)
        for event in versions.history
    ]
    print_table(("when", "decision", "about", "figures", "reason"), events)
