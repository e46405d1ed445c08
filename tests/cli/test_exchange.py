"""GPT-2 in and out by command, and the use it is for: it goes on learning from one's own text, and writes in bulk."""

import json

import pandas as pd
import pytest

from tests.huggingface import gpt2
from textgen_core.datasets.manifest import read_manifest

VERSES = "\n\n".join(f"the {n} cats in the hat\nand the cat that sat in the {n} hats" for n in range(60))


@pytest.fixture
def source(tmp_path):
    return gpt2.write(tmp_path / "theirs")


def test_in_and_out_by_command(textgen, source, tmp_path):
    code, out, _ = textgen("import", source, "-o", tmp_path / "ours", "--json")
    document = json.loads(out)
    assert (code, document["state"], document["facts"]["vocab_size"]) == (0, "done", gpt2.IDS + 1)
    assert json.loads(textgen("import", source, "-o", tmp_path / "ours", "--json")[1])["state"] == "finished"
    code, out, _ = textgen("export", tmp_path / "ours", "-o", tmp_path / "back", "--dry-run")
    assert code == 0 and out.startswith("export would run") and not (tmp_path / "back").exists()
    assert textgen("export", tmp_path / "ours", "-o", tmp_path / "back")[0] == 0
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= {
        path.name for path in (tmp_path / "back").iterdir()
    }
    assert "made by import" in textgen("show", tmp_path / "ours")[1]
    assert textgen("verify", tmp_path / "ours")[0] == 0


def test_what_cannot_be_imported_or_exported_is_one_line(textgen, source, tmp_path):
    (source / "config.json").write_text(json.dumps(gpt2.config(model_type="llama")))
    code, out, err = textgen("import", source, "-o", tmp_path / "ours")
    assert (code, out, len(err.splitlines())) == (3, "", 1) and "llama" in err
    code, out, err = textgen("export", source, "-o", tmp_path / "back")
    assert (code, out, len(err.splitlines())) == (4, "", 1) and "manifest" in err


def test_a_directory_of_theirs_is_no_model_of_ours_and_the_error_says_how_it_becomes_one(textgen, source, tmp_path):
    textgen("import", source, "-o", tmp_path / "ours")
    textgen("export", tmp_path / "ours", "-o", tmp_path / "back")
    code, _, err = textgen("try", tmp_path / "back", "the cat")
    assert code == 4 and "textgen import" in err


@pytest.mark.slow
def test_it_learns_from_ones_own_text_and_writes_in_bulk(textgen, source, tmp_path):
    (tmp_path / "verses.txt").write_text(VERSES)
    (tmp_path / "seeds.txt").write_text("the cat\nand\nthe hat in\n")
    ours, corpus, tokens, tuned, made = (tmp_path / name for name in ("ours", "corpus", "tokens", "tuned", "made"))
    short = ("--steps", 40, "--learning-rate", 0.01, "--warmup", 5, "--window", 16, "--samples", 0)
    for command in (
        ("import", source, "-o", ours),
        ("ingest", tmp_path / "verses.txt", "--unit", "paragraph", "-o", corpus),
        ("tokenize", corpus, "--reuse", ours, "-o", tokens),
        ("train", tokens, "--warm-start", ours, "--preset", "finetune", *short, "-o", tuned),
        ("generate", tuned, tmp_path / "seeds.txt", "--max-new-tokens", 8, "--samples", 2, "-o", made),
        ("export", tuned, "-o", tmp_path / "back"),
    ):
        code, _, err = textgen(*command)
        assert code == 0, err
    curve = pd.read_parquet(tuned / "history").query("split == 'train'")["loss"]
    assert curve.iloc[-1] < curve.iloc[0] - 0.5
    rows = pd.read_parquet(made / "generations")
    assert sorted(rows["prompt"].unique()) == ["and", "the cat", "the hat in"] and len(rows) == 6
    facts = read_manifest(tmp_path / "back").facts
    assert facts["vocab_size"] == gpt2.IDS
