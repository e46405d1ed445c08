"""``textgen prune``: the disk space of earlier configurations back."""

from __future__ import annotations

from pathlib import Path

from flows.cli.common import Doing
from flows.cli.output import print_json, print_table, say
from textgen_core.datasets.store import STORE, prune, size, unnamed
from textgen_core.errors import DatasetError


def prune_store(directory: Path, /, *, doing: Doing | None = None) -> int:
    """Remove the stages of earlier configurations from an output directory; what its names lead to stays.

    Every change of a setting leaves the earlier stage in OUT/.store, so that going back to it costs nothing. Pruned
    stages are done again when a configuration asks for them.

    Args:
        directory: The output directory of a pipeline, or a registry.
    """
    doing = doing or Doing()
    if not (directory / STORE).is_dir():
        raise DatasetError(
            "only the output directory of a pipeline or a registry can be pruned",
            f"{directory}, which holds no {STORE}",
            "Name the directory that the configuration has as its output",
        )
    sizes = {path: size(path) for path in unnamed(directory)}
    if not doing.dry_run:
        prune(directory)
    if doing.json:
        print_json({"removed": not doing.dry_run, "bytes": sum(sizes.values()), "paths": list(sizes)})
        return 0
    print_table(("stage", "MB"), ((path.name, f"{size / 1e6:,.1f}") for path, size in sizes.items() if path.is_dir()))
    say(f"{'Would free' if doing.dry_run else 'Freed'} {sum(sizes.values()) / 1e6:,.1f} MB.")
    return 0
