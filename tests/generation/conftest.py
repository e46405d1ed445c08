"""A training directory with a small model whose weights are far from uniform."""

import json

import numpy as np
import pytest

from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.stage import run_stage, write_file
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.ingestion.stage import ingest
from textgen_core.models.directory import save_model
from textgen_core.models.families import build_model
from textgen_core.models.settings import RNNSettings, TransformerSettings
from textgen_core.progress import silent
from textgen_core.tokenization.byte import ByteTokenizer
from textgen_core.tokenization.tokenizers import TOKENIZER, dump

SETTINGS = {
    "rnn": RNNSettings(family="rnn", layers=1, units=16),
    "transformer": TransformerSettings(family="transformer", layers=1, width=16, heads=2, context=64),
}


def train(directory, settings, pairs=False):
    def body(partial):
        tokenizer = ByteTokenizer(kind="byte")
        model = build_model(settings, tokenizer.vocab_size)
        model.pairs = pairs
        for weight in model.weights:
            weight.assign(np.random.default_rng(3).normal(size=weight.shape) * 0.4)
        save_model(model, settings, directory=partial)
        write_file(partial / TOKENIZER, dump(tokenizer))
        return {}

    key = RunKey(stage="training", code_version=1, schema_version=1, settings={}, inputs={}, numerics={})
    run_stage(key, directory, body)
    return directory


@pytest.fixture(scope="session")
def rnn(tmp_path_factory):
    return train(tmp_path_factory.mktemp("rnn") / "model", SETTINGS["rnn"])


@pytest.fixture(scope="session")
def transformer(tmp_path_factory):
    return train(tmp_path_factory.mktemp("transformer") / "model", SETTINGS["transformer"])


@pytest.fixture
def corpus_of(tmp_path):
    """Makes an ingestion directory of texts, all of them in the train split, and of one that is not."""

    def ingested(texts):
        path = tmp_path / "corpus.jsonl"
        rows = [{"text": text, "split": "train"} for text in texts] + [{"text": "unseen", "split": "validation"}]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        settings = IngestionSettings(inputs=(str(path),), split={"method": "column"}, output=tmp_path / "corpus")
        ingest(settings, silent)
        return settings.output

    return ingested
