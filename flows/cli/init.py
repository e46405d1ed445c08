"""``textgen init``: a configuration with a comment on every setting, made from the settings themselves."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.cli.common import Common, Directory, Switch
from flows.cli.output import print_json, say
from textgen_core.datasets.stage import write_file
from textgen_core.errors import SettingsError


def init(
    corpus: str = "corpus.txt",
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)] = None,
    runs: Directory | None = None,
    compare: Switch = False,
    pairs: Switch = False,
    force: Switch = False,
    common: Common | None = None,
) -> int:
    """Write a configuration with a comment on every setting.

    Args:
        corpus: The text to learn from: a file, a directory, a glob, or python-docs.
        output: File to write, textgen.yaml, comparison.yaml or comparison-pairs.yaml; - prints it.
        runs: Where everything that is made will go, as seen from the configuration: runs, compared or compared-pairs.
        compare: Write the example of a comparison instead, for textgen compare.
        pairs: With --compare: encoder-decoders take part; all learn to go on from the opening of a paragraph.
        force: Write over a file that is there.
    """
    from flows.cli.template import comparison, template

    if pairs and not compare:
        raise SettingsError("--pairs is for a comparison", "no --compare", "In textgen.yaml, see pairs of tokenization")
    own = "-pairs" if pairs else ""
    text = comparison(corpus, runs or f"compared{own}", pairs) if compare else template(corpus, runs or "runs")
    if str(output) == "-":
        print(text, end="")
        return 0
    output = output or Path(f"comparison{own}.yaml" if compare else "textgen.yaml")
    if output.exists() and not force:
        raise SettingsError("a configuration is not written over", str(output), "Choose another --output, or --force")
    write_file(Path(os.path.abspath(output)), text.encode())
    common = common or Common()
    if not (corpus == "python-docs" or "://" in corpus or glob.has_magic(corpus) or (output.parent / corpus).exists()):
        common.note(f"{output.parent / corpus} is not there yet: put the text there, or name another in inputs")
    if common.json:
        print_json({"written": output})
    else:
        say(f"Wrote {output}. See what it would do: textgen {'compare' if compare else 'run'} {output} --dry-run")
    return 0
