"""Parts of the summary pages, from small datasets."""

import base64

import pyarrow as pa

from tasks import sections
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import GENERATIONS, HISTORY, METRICS


def write(directory, schema, rows):
    """Rows with some columns of a dataset."""
    some = pa.schema([field for field in schema if not rows or field.name in rows[0]])
    with PartWriter(directory / "part-00000.parquet", some) as part:
        part.write(rows)


def test_a_loss_curve_has_a_line_a_split(tmp_path):
    rows = [
        {"step": step, "split": split, "loss": 3 - step / 100}
        for step in range(200)
        for split in ("train", "validation")
    ]
    write(tmp_path / "history", HISTORY, rows)
    encoded = sections.loss_curve(tmp_path).split("base64,")[1].removesuffix(")")
    picture = base64.b64decode(encoded).decode()
    assert picture.count("stroke-width") == 2
    assert ">train<" in picture
    assert ">validation<" in picture


def test_no_history_no_curve(tmp_path):
    write(tmp_path / "history", HISTORY, [])
    assert sections.loss_curve(tmp_path) == ""


def test_samples_are_few_of_each_sampler_and_stay_text(tmp_path):
    rows = [
        {"seed_id": f"s{n}", "sampler": name, "prompt": "```\n<script>", "text": f"text {n}", "finish_reason": "length"}
        for n in range(10)
        for name in ("greedy", "a|b")
    ]
    write(tmp_path / "generations", GENERATIONS, rows)
    page = sections.samples(tmp_path)
    assert page.count("Seed s") == 2 * sections.SAMPLES_EACH
    assert page.count("````text") == 2 * sections.SAMPLES_EACH
    assert "### `a\u2502b`" in page


def test_a_failed_sample_shows_its_prompt(tmp_path):
    row = {"seed_id": "s", "sampler": "greedy", "prompt": "To be", "text": "", "finish_reason": "error"}
    write(tmp_path / "generations", GENERATIONS, [row])
    assert "To be▸" in sections.samples(tmp_path)


def test_metrics_are_a_row_a_group_with_intervals(tmp_path):
    rows = [
        {"group": [], "metric": "perplexity", "value": 21.5, "low": 20.0, "high": 23.0, "n": 5, "signature": ""},
        {"group": [("sampler", "greedy")], "metric": "distinct_1", "value": 0.5, "low": None, "high": None}
        | {"n": 5, "signature": ""},
    ]
    write(tmp_path / "metrics", METRICS, rows)
    assert sections.metric_rows(tmp_path) == [
        {"group": "held-out text", "perplexity": "21.5 ±1.5"},
        {"group": "greedy", "distinct_1": "0.5"},
    ]
    assert "| distinct_1 |  | 0.5 |" in sections.metrics(tmp_path)
