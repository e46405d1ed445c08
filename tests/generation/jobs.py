"""Jobs of a few seeds, and a program that runs one in a process of its own."""

import random

import pyarrow.parquet as pq

from textgen_core.generation.settings import GenerationSettings

SAMPLERS = {
    "top-p": {"top_p": 0.9},
    "greedy": {"strategy": "greedy"},
    "beam": {"strategy": "beam", "n_best": 2},
    "distinct": {"strategy": "stochastic_beam", "beams": 3},
}

TWO = {name: SAMPLERS[name] for name in ("top-p", "greedy")}

PROGRAM = """
import sys
from textgen_core.generation.settings import GenerationSettings
from textgen_core.generation.stage import generate
from textgen_core.progress import silent
generate(GenerationSettings.model_validate_json(sys.argv[1]), silent)
"""


def settings_of(tmp_path, model, content, name="seeds.csv", output="out", **options):
    seeds = tmp_path / name
    seeds.write_bytes(content if isinstance(content, bytes) else content.encode())
    options = {"samplers": TWO, "samples": 2, "max_new_tokens": 12, "seeds_per_part": 7, **options}
    return GenerationSettings(model=model, seeds=seeds, output=tmp_path / output, **options)


def rows_of(settings, folder="generations"):
    return pq.read_table(settings.output / folder).to_pylist()


def seed_file(count, shuffled=False, width=6):
    """Prompts of one shape; with a greater width, of several."""
    rows = [f"s{i},prompt {i % 5} {'x' * (i % width)},{i}" for i in range(count)]
    if shuffled:
        random.Random(1).shuffle(rows)
    return "\n".join(["id,prompt,stars", *rows]) + "\n"
