"""``textgen quickstart``: any text file in, everything out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from flows.cli.common import Doing, Text, program
from flows.cli.output import say
from textgen_core.config import Config
from textgen_core.errors import InputError
from textgen_core.settings import validated

MINUTES = {"tiny": "a minute", "demo": "three minutes", "small": "seven minutes", "base": "hours without a GPU"}
"""The whole run on two cores: training, and what comes before and after."""

CHARACTER_LEVEL = 4 << 20
"""Bytes. A smaller corpus shows too few words often enough to learn them, but every character thousands of times."""


def quickstart(
    file: Path,
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    preset: Literal["tiny", "demo", "small", "base"] = "demo",
    text_column: Text = "text",
    doing: Doing | None = None,
) -> int:
    """Learn from a text file, continue held-out passages of it, measure and report. No configuration is needed.

    Args:
        file: A text, jsonl, csv, tsv or parquet file, compressed or not, or a directory of them.
        output: Directory for everything; runs/NAME if left out.
        preset: How much to train: tiny (seconds), demo (2 minutes), small (5 minutes on 2 cores), base (one GPU).
        text_column: Where the text is in csv, tsv, jsonl and parquet.
    """
    from flows.cli.run import perform

    doing = doing or Doing()
    config = quick_config(file, output or Path("runs") / file.name.split(".")[0], preset, text_column)
    doing.note(f"{file}: {size(file) / 1e6:,.1f} MB. All of it takes about {MINUTES[preset]} on two cores.")
    code = perform(config, doing)
    if not (doing.dry_run or doing.json):
        from flows.cli.samples import print_samples

        print_samples(config.output / "text" / "generations")
        say(f'Now you:  {program()} try {config.output / "text" / "model"} "Once upon"')
        say(f"More:     {program()} init, edit the file, {program()} run")
    return code


def quick_config(file: Path, output: Path, preset: str, text_column: str = "text") -> Config:
    """A pipeline of one model that suits the size of the file."""
    by_character = size(file) < CHARACTER_LEVEL
    tokenizer = {"kind": "char" if by_character else "subword"}
    values = {
        "output": output,
        "ingestion": {
            "inputs": [str(file)],
            "text_column": text_column,
            "split": {"method": "tail"},  # never empty, however few documents
        },
        "models": {"text": {"tokenization": {"tokenizer": tokenizer}, "training": {"preset": preset}}},
        "seeds": {"how": "spans", "count": 10},
        "generation": {
            "max_new_tokens": 400 if by_character else 120,  # a paragraph
            "samplers": {
                "greedy": {"strategy": "greedy"},
                "temperature-0.8": {"temperature": 0.8},
                "top-p-0.9": {"top_p": 0.9},
            },
        },
    }
    return validated(Config, values, "quickstart")


def size(file: Path) -> int:
    """Bytes of a file, or of all files in a directory.

    Raises:
        InputError: there is none.
    """
    if not file.exists():
        raise InputError("the corpus must exist", str(file), "Name a text file or a directory of them")
    files = [file] if file.is_file() else [path for path in file.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files)
