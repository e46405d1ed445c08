"""``textgen demo``: two models of this Python's own documentation, compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.cli.common import Doing, program
from flows.cli.output import say
from textgen_core.config import load_config
from textgen_core.pipeline import plan

CONFIG = Path(__file__).parents[2] / "deployments" / "configs" / "demo.yaml"

SNIPPET = """\
import pandas as pd

rows = pd.read_parquet("{model}/generations")
scores = pd.read_parquet("{model}/scores")
both = rows.merge(scores, on=["seed_id", "sampler", "sample_index"])
print(both.groupby("sampler")[["loop", "distinct_2", "mean_logprob"]].mean().round(3))

keep = both[(both["loop"] < 0.1) & (both["distinct_2"] > 0.9)]
print(keep.nlargest(3, "mean_logprob")[["prompt", "text"]].to_string())
"""
QUERY = "select sampler, avg(loop) from '{output}/*/scores/*.parquet' group by sampler order by 2"


def demo(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("demo"),
    doing: Doing | None = None,
) -> int:
    """Train two models on this Python's own documentation, generate with five samplers, measure and report.

    Args:
        output: Directory for everything.
    """
    from flows.cli.run import perform

    doing = doing or Doing()
    config = load_config(CONFIG).model_copy(update={"output": output.absolute()})
    if any(step.state != "finished" for step in plan(config)):
        doing.note("2 MB of documentation, two models, about 5 minutes on two cores and 20 MB of disk.")
    code = perform(config, doing, ui=True)
    if not (doing.dry_run or doing.json):
        say_what_was_made(output, list(config.models))
    return code


def say_what_was_made(output: Path, models: list[str]) -> None:
    """Samples of both models, greedy's loops beside top-k, and where to go on."""
    from flows.cli.samples import print_loops, print_samples

    for name in models:
        print_samples(output / name / "generations", name)
    model = output / models[0]
    print_loops(model, "greedy", "top-k")
    say(f"With pandas, in {program('python')}:\n\n{SNIPPET.format(model=model)}")
    say(f"With DuckDB:    {QUERY.format(output=output)}")
    say(f'Now you:        {program()} try {model / "model"} "The function"')
    say(f"Your own book:  {program()} quickstart BOOK.txt")
