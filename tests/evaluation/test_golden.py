"""Figures of a few fixed texts: whoever changes one raises the stage's CODE_VERSION and enters the new digest here."""

import json

import pyarrow as pa
import pytest

from textgen_core.datasets import digests
from textgen_core.datasets.parts import PartWriter, read_table
from textgen_core.datasets.schemas import GENERATIONS
from textgen_core.evaluation.aggregation import generation_rows
from textgen_core.evaluation.copied_spans import SpanIndex
from textgen_core.evaluation.metrics import METRICS
from textgen_core.evaluation.scores import READ, write_scores
from textgen_core.evaluation.settings import BootstrapSettings, EvaluationSettings
from textgen_core.evaluation.stage import CODE_VERSION

GOLDEN = {10: "d5ac957c09111e8f"}
LIBRARY = "compression"
"""Depends on the zlib of the machine."""
TEXTS = [
    "the cat sat on the mat, and the cat sat on the hat",
    "no no no no no",
    "",
    "Dinle, bu ney nas\u0131l şikâyet ediyor",
    None,
    "a b c d a b c d; it can't be",
    "the cat",
]
TRAINING = ["the cat sat on the mat\nand was no cat of ney", "nas\u0131l", "can't be the hat"]


@pytest.fixture
def measured(tmp_path):
    """(scores, metrics) of TEXTS by two samplers."""
    rows = [
        {
            "seed_id": f"s{place // 2}",
            "sample_index": 0,
            "sampler": ("greedy", "top-k")[place % 2],
            "text": text or "",
            "n_tokens": len(text or ""),
            "logprob": -0.25 * len(text or ""),
            "finish_reason": "error" if text is None else ("end", "length")[place % 3 > 0],
            "stars": place % 2,
        }
        for place, text in enumerate(TEXTS)
    ]
    schema = pa.schema([*(GENERATIONS.field(name) for name in READ), ("stars", pa.int8())])
    with PartWriter(tmp_path / "generations" / "part-00000.parquet", schema) as part:
        part.write(rows)
    training = SpanIndex(list("xyz"), TRAINING)
    write_scores(tmp_path / "generations", tmp_path / "scores", training, lambda rows: None)
    places = dict.fromkeys(("generations", "model", "tokens", "corpus", "output"), tmp_path)
    settings = EvaluationSettings(**places, group_by=("stars",), bootstrap=BootstrapSettings(samples=100))
    metrics = generation_rows(tmp_path / "generations", tmp_path / "scores", settings)
    return read_table(tmp_path / "scores").to_pylist(), metrics, settings


def test_the_same_figures_as_ever(measured):
    scores, metrics, _ = measured
    kept = [{name: value for name, value in row.items() if name != LIBRARY} for row in scores]
    kept += [row for row in metrics if row["metric"] != LIBRARY]
    plain = json.loads(json.dumps(kept), parse_float=lambda figure: f"{float(figure):.6g}")
    for row in plain:
        row.pop("signature", None)  # the project's version is in it
    assert digests.of_value(plain)[:16] == GOLDEN[CODE_VERSION]


def test_every_row_has_every_score(measured):
    scores = measured[0]
    assert {*METRICS, "copied_doc_id"} < set(scores[0])
    (failed,) = (row for row in scores if row["chars"] is None)
    assert all(failed[name] is None for name in (*METRICS, "copied_doc_id"))
    assert [row["copied_doc_id"] for row in scores] == ["x", "x", None, "y", None, "z", "x"]
    assert [row["copied_chars"] for row in scores] == [22, 4, 0, 5, None, 8, 7]


def test_intervals_can_be_left_out(measured, tmp_path):
    _, metrics, settings = measured
    none = settings.model_copy(update={"bootstrap": BootstrapSettings(samples=0)})
    rows = generation_rows(tmp_path / "generations", tmp_path / "scores", none)
    assert [row["value"] for row in rows] == [row["value"] for row in metrics]
    assert all(row["low"] is row["high"] is None and "interval:none" in row["signature"] for row in rows)
