"""What a stage reads must be there, and of its kind."""

import pytest

from textgen_core.datasets.inputs import MAKERS, digest_of
from textgen_core.datasets.manifest import RunKey, read_manifest
from textgen_core.datasets.stage import run_stage
from textgen_core.errors import DatasetError
from textgen_core.stages import STAGES

KEY = RunKey(stage="tokenization", code_version=1, schema_version=1, settings={}, inputs={}, numerics={})


@pytest.fixture
def tokens(tmp_path):
    """A directory that looks like a tokenization."""

    def body(partial):
        (partial / "sequences").mkdir()
        for name in ("tokenizer.json", "sequences/part"):
            (partial / name).write_text(name)
        return {}

    run_stage(KEY, tmp_path / "tokens", body)
    return tmp_path / "tokens"


def test_what_is_there_is_known_by_the_digest_of_its_manifest(tokens):
    digest = read_manifest(tokens).digest("tokenizer.json", "sequences")
    assert digest_of(tokens, "sequences", "tokenizer.json") == digest


@pytest.mark.parametrize("lacking", [name for name in MAKERS if name not in ("sequences", "tokenizer.json")])
def test_a_directory_of_another_kind_is_refused_with_what_it_is_and_what_makes_the_other(tokens, lacking):
    with pytest.raises(DatasetError, match=f"hold {lacking}; .*tokens, made by tokenization. Name what `textgen "):
        digest_of(tokens, lacking, "tokenizer.json")


WRONG = [
    ("seeding", {"corpus": "tokens"}, "documents"),
    ("tokenization", {"corpus": "tokens"}, "documents"),
    ("tokenization", {"corpus": "corpus", "reuse": "corpus"}, "tokenizer.json"),
    ("training", {"tokens": "corpus"}, "sequences"),
    ("generation", {"model": "tokens", "seeds": "seeds.txt"}, "config.json"),
    ("evaluation", {"generations": "corpus", "model": "tokens", "tokens": "tokens", "corpus": "corpus"}, "generations"),
]


@pytest.mark.parametrize(("stage", "inputs", "lacking"), WRONG)
def test_no_stage_begins_with_a_directory_of_another_kind(tokens, tmp_path, stage, inputs, lacking):
    def body(partial):
        (partial / "documents").mkdir()
        (partial / "documents" / "part").touch()
        return {}

    run_stage(KEY.model_copy(update={"stage": "ingestion"}), tmp_path / "corpus", body)
    (tmp_path / "seeds.txt").write_text("Once\n")
    places = {name: tmp_path / place for name, place in inputs.items()}
    settings = STAGES[stage].settings(**places, output=tmp_path / "out")
    with pytest.raises(DatasetError, match=f"must hold {lacking}"):
        STAGES[stage].key(settings)
