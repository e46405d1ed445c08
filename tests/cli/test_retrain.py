"""One round by the command: its settings come from a file, from flags, or from both; a dry run leaves no trace."""

import json

import pytest

from flows.cli.retrain import merged


@pytest.fixture
def config(tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("One.\n\nTwo.\n")
    path = tmp_path / "nightly.yaml"
    path.write_text("registry: models\ningestion: {inputs: [texts], unit: line}\ntraining: {preset: tiny}\n")
    return path


def test_paths_of_a_configuration_are_relative_to_it(textgen, config):
    code, out, _ = textgen("retrain", config, "--dry-run", "--json")
    assert (code, json.loads(out)) == (0, {"registry": str(config.parent / "models"), "next": "ingestion"})


def test_a_flag_overrides_what_the_configuration_says(textgen, config, tmp_path):
    _, out, _ = textgen("retrain", config, "--registry", tmp_path / "other", "--dry-run", "--json")
    assert json.loads(out)["registry"] == str(tmp_path / "other")


def test_flags_alone_are_enough(textgen, config, tmp_path):
    code, out, _ = textgen("retrain", "--registry", tmp_path / "r", "--inputs", tmp_path / "texts", "--dry-run")
    assert (code, out) == (0, "Would run ingestion, and then what follows from it.\n")


def test_a_dry_run_leaves_no_trace(textgen, config):
    before = sorted(config.parent.rglob("*"))
    assert textgen("retrain", config, "--dry-run")[0] == 0
    assert sorted(config.parent.rglob("*")) == before


@pytest.mark.parametrize(
    ("text", "flags", "named"),
    [
        ("registry: r\ningestion: {inputs: [texts], unit: verse}", [], "ingestion.unit"),
        ("registry: r\ningestion: {inputs: [texts]}\nmodels: {}", [], "models"),
        ("registry: r\ningestion: {inputs: [texts]}", ["--margin", "-1"], "--margin"),
        ("ingestion: {inputs: [texts]}", ["--margin", "1"], "--registry must be given"),
        ("registry: r", ["--margin", "1"], "--inputs must be given"),
        ("[]", [], "mapping"),
    ],
)
def test_what_is_impossible_is_one_line_and_code_2(textgen, config, text, flags, named):
    config.write_text(text)
    code, out, err = textgen("retrain", config, *flags)
    assert (code, out, len(err.splitlines())) == (2, "", 1) and named in err


def test_merging_goes_into_what_is_nested_and_replaces_all_else():
    assert merged({"a": {"b": 1, "c": [1, 2]}, "d": 1}, {"a": {"c": [3]}}) == {"a": {"b": 1, "c": [3]}, "d": 1}
    assert merged({"a": 1}, {"a": {"b": 1}}) == {"a": {"b": 1}}
