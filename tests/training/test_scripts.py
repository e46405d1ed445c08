"""Every family learns from texts that differ in script and in kind, and continues them: by the stages themselves."""

import json
import os
from functools import cache
from pathlib import Path

import pytest

from textgen_core.datasets.parts import read_table
from textgen_core.generation.settings import GenerationSettings
from textgen_core.generation.stage import generate
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.ingestion.stage import ingest
from textgen_core.models.families import FAMILIES
from textgen_core.progress import silent
from textgen_core.tokenization.settings import TokenizationSettings
from textgen_core.tokenization.stage import tokenize
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TEXTGEN_DATA", ROOT / "../shared/data"))
SIZE = 150_000
"""Characters that are read of each: a training sees about as many."""
TEXTS = {
    "novel": [DATA / "books" / "dracula.txt"],
    "Turkish verse": [DATA / "mesnevi_tr.txt"],
    "code": sorted((ROOT / "textgen_core").rglob("*.py")),
}
BRIEFLY = {"steps": 150, "warmup": 20, "batch_size": 16, "window": 64, "evaluate_every": 75, "samples": 0}
FREQUENCIES = {"family": "ngram", "order": 1}
"""A model that knows how frequent each character is, and nothing else."""


@pytest.fixture(scope="module", params=TEXTS)
def tokens(request, tmp_path_factory):
    """Makes the directory of tokens, whole or of pairs of sentences, and tells what frequencies alone need of it."""
    if missing := [path for path in TEXTS[request.param] if not path.exists()]:
        pytest.skip(reason=f"needs {missing[0].name} in $TEXTGEN_DATA")
    folder = tmp_path_factory.mktemp("texts")
    text = "\n\n".join(path.read_text("utf-8") for path in TEXTS[request.param])[:SIZE]
    (folder / "text.txt").write_text(text, "utf-8")
    places = {"inputs": (str(folder / "text.txt"),), "output": folder / "documents"}
    ingest(IngestionSettings.model_validate({**places, "split": {"method": "tail"}}), silent)

    @cache
    def made(kind):
        options = {"tokenizer": {"kind": "char"}} | ({"pairs": {"kind": kind}} if kind else {})
        output = folder / f"tokens-{kind}"
        options |= {"corpus": folder / "documents", "output": output}
        tokenize(TokenizationSettings.model_validate(options), silent)
        return output, bits(output, FREQUENCIES, folder / f"frequencies-{kind}")

    return made


def bits(tokens, model, output, **options):
    """Bits a character of held-out text after a training."""
    told = {"preset": "demo", "model": model, **options, "tokens": tokens, "output": output}
    return train(TrainingSettings.model_validate(told), silent).facts["bits_per_char"]


@pytest.mark.parametrize("family", FAMILIES)
def test_it_learns_more_than_how_frequent_letters_are_and_continues(tokens, family, tmp_path):
    own, frequencies = tokens("sentences" if family.startswith("seq2seq") else "")
    assert bits(own, {"family": family}, tmp_path / "model", **({} if family == "ngram" else BRIEFLY)) < frequencies

    documents = read_table(own.parent / "documents" / "documents", ["split", "text"]).to_pylist()
    prompts = sorted({row["text"][:20] for row in documents if row["split"] == "validation"})[:3]
    seeds = tmp_path / "seeds.jsonl"
    seeds.write_text("".join(json.dumps({"prompt": prompt}) + "\n" for prompt in prompts), "utf-8")
    asked = {"model": tmp_path / "model", "seeds": seeds, "output": tmp_path / "made", "max_new_tokens": 20}
    made = generate(GenerationSettings.model_validate(asked), silent)
    rows = read_table(tmp_path / "made" / "generations", ["prompt", "text"]).to_pylist()
    assert made.facts["rejects"] == 0 and [row["prompt"] for row in rows] == prompts
    known = {letter for row in documents for letter in row["text"]}
    assert all(set(row["text"]) <= known for row in rows) and any(row["text"] for row in rows)
