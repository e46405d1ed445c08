"""Jobs with all that rows may bring, killed at random moments: the rows are those of a job that nobody disturbed."""

import json
import random
import signal
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from tests.generation.jobs import PROGRAM, settings_of
from textgen_core.generation.stage import generate
from textgen_core.progress import silent

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

KILLS = 8
SAMPLERS = {
    "warm": {"temperature": 1.2, "top_p": 0.95, "repetition_penalty": 1.2, "loop_length": 4},
    "dry": {"strategy": "greedy", "dry_multiplier": 0.8, "min_new_tokens": 2},
    "beam": {"strategy": "beam", "beams": 3, "n_best": 2, "no_repeat_ngram": 3},
}
KNOBS = [
    {},
    {"temperature": 0.5, "top_k": 9},
    {"sampler": "dry", "max_new_tokens": 5},
    {"stop": ["e", "th"], "min_p": 0.05},
    {"banned_phrases": ["e", " the"], "logit_bias": {"a": 3}},
    {"sampler": "beam", "regex": "[a-c]{2,6}z", "no_repeat_ngram": 0},
    {"choices": ["yes", "no", "perhaps"], "loop_length": 0, "no_repeat_ngram": 0, "min_new_tokens": 0},
    {"frequency_penalty": 0.5, "stop_tokens": "o", "xtc_threshold": 0.1},
    {"max_new_tokens": 1},
]
"""Columns of a row."""


def seed_lines(count, shuffled=None):
    rows = [
        {"id": f"s{n}", "prompt": "x" * (n % 23) + f" prompt {n % 5}", **KNOBS[n % len(KNOBS)]} for n in range(count)
    ]
    if shuffled is not None:
        random.Random(shuffled).shuffle(rows)
    return "\n".join(map(json.dumps, rows))


def rows_of(settings):
    rows = pq.read_table(settings.output / "generations").to_pylist()
    return {(row["seed_id"], row["sampler"], row["sample_index"]): row for row in rows}


def killed(settings, draw):
    """Starts it again and again, each time for a random while, and at last lets it end."""
    command = [sys.executable, "-c", PROGRAM, settings.model_dump_json()]
    struck = 0
    while struck < KILLS:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=draw.uniform(1, 25))
        except subprocess.TimeoutExpired:
            process.kill()
        if process.wait() != -signal.SIGKILL:
            break  # over before it was struck
        struck += 1
    subprocess.run(command, check=True, capture_output=True)
    return struck


@pytest.mark.parametrize("seeds_per_part", [5, 64, 1000])
def test_rows_are_the_same_however_often_it_was_killed(tmp_path, transformer, seeds_per_part):
    options = {"samplers": SAMPLERS, "samples": 3, "max_new_tokens": 20, "name": "s.jsonl"}
    whole = settings_of(tmp_path, transformer, seed_lines(300), output="whole", **options)
    assert not generate(whole, silent).facts["rejects"]
    expected = rows_of(whole)
    options |= {"name": "shuffled.jsonl", "seeds_per_part": seeds_per_part, "lanes": 3}
    settings = settings_of(tmp_path, transformer, seed_lines(300, shuffled=seeds_per_part), output="struck", **options)
    assert killed(settings, random.Random(seeds_per_part)) > 1
    assert rows_of(settings) == expected
