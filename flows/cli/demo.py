"""``textgen demo``: two models of this Python's own documentation, compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.cli.common import Doing
from flows.cli.output import say
from textgen_core.config import load_config
from textgen_core.pipeline import plan

CONFIG = Path(__file__).parents[2] / "deployments" / "configs" / "demo.yaml"

SNIPPET = """\
import pandas as pd
rows = pd.read_parquet("{output}/char-lstm/generations")
scores = pd.read_parquet("{output}/char-lstm/scores")
both = rows.merge(scores, on=["seed_id", "sample_index", "sampler"])
print(both.groupby("sampler")[["n_tokens", "mean_logprob"]].mean().round(3))
"""


def demo(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("demo"),
    doing: Doing | None = None,
) -> int:
    """Train two models on this Python's own documentation, generate with five samplers, measure and report.

    Args:
        output: directory for everything.
    """
    from flows.cli.run import perform

    doing = doing or Doing()
    config = load_config(CONFIG).model_copy(update={"output": output.absolute()})
    if any(step.state != "finished" for step in plan(config)):
        doing.note("2 MB of documentation, two models, about 5 minutes on two cores and 20 MB of disk.")
    code = perform(config, doing, ui=True)
    if not (doing.dry_run or doing.json):
        from flows.cli.samples import print_samples

        print_samples(config.output / "char-lstm" / "generations")
        say("With pandas:\n\n" + SNIPPET.format(output=output))
        say(f'Now you:        textgen try {output / "char-lstm" / "model"} "The function"')
        say("Your own book:  textgen quickstart BOOK.txt")
    return code
