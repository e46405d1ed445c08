"""docs/commands.md, written from the help texts: ``python -m flows.cli.reference`` rewrites it."""

from __future__ import annotations

import re
from pathlib import Path

from flows.cli import exits
from flows.cli.app import app
from flows.cli.examples import EXAMPLES

PATH = Path(__file__).parents[2] / "docs" / "commands.md"
HEAD = """\
# Commands

Written by `python -m flows.cli.reference` from the help texts; change those.

Results go to stdout, notes, progress and errors to stderr. Every command takes `--json` (but `init -o -` and
`completion --print` print the file itself) and `--quiet`, every one that fills a directory `--dry-run`. `NO_COLOR` is
respected. The flag of a setting is named as the setting is in a configuration.

## Exit codes

| code | when |
|---|---|
"""


def reference() -> str:
    """The page."""
    documented = (line.strip() for line in (exits.__doc__ or "").splitlines())
    codes = [line.split(maxsplit=1) for line in documented if line[:1].isdigit()]
    table = "".join(f"| {code} | {meaning} |\n" for code, meaning in codes)
    commands = app.generate_docs("markdown", heading_level=2, flatten_commands=True)
    # Usage lines of nested commands hold how Python was started; the page must not depend on that.
    lines = (re.sub(r" -m \S+ \[OPTIONS\]", " [OPTIONS]", line).rstrip() for line in commands.splitlines())
    return f"{HEAD}{table}\n" + with_examples("\n".join(lines).strip()) + "\n"


def with_examples(page: str) -> str:
    """The page with an example under the usage of each command."""
    for name, example in EXAMPLES.items():
        if usage := re.search(rf"^## textgen {name}\n(\n```console\n.*\n```\n)?", page, re.M):
            page = f"{page[: usage.end()]}\nExample: `{example}`\n{page[usage.end() :]}"
    return page


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(reference())
