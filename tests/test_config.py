"""A configuration composes the stages' options, refuses what it doesn't know, and anchors paths at its own folder."""

from pathlib import Path

import pytest

from textgen_core.config import Config, load_config
from textgen_core.errors import SettingsError

EXAMPLES = sorted((Path(__file__).parents[1] / "deployments" / "configs").glob("*.yaml"))

SMALL = """
output: runs/book
ingestion: {inputs: [book.txt, "s3://bucket/more.txt", python-docs]}
seeds: seeds.csv
"""


def written(folder, text):
    path = folder / "config.yaml"
    path.write_text(text)
    return path


def test_paths_are_taken_from_the_folder_of_the_file_and_names_stay_names(tmp_path):
    config = load_config(written(tmp_path, SMALL))
    assert config.output == tmp_path / "runs" / "book"
    assert config.seeds == tmp_path / "seeds.csv"
    assert list(config.ingestion.inputs) == [str(tmp_path / "book.txt"), "s3://bucket/more.txt", "python-docs"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("output: [", "must be YAML"),
        ("- a list", "must be a mapping"),
        (SMALL + "colour: blue", "colour"),
        (SMALL + "models: {}", "models"),
        (SMALL + "models: {report.html: {}}", "can't be called report.html"),
        (SMALL + "models: {../up: {}}", "models"),
        (SMALL + "models: {a: {training: {preset: huge}}}", "huge"),
    ],
)
def test_an_impossible_configuration_is_one_error_that_says_where(tmp_path, text, told):
    with pytest.raises(SettingsError) as caught:
        load_config(written(tmp_path, text))
    assert told in str(caught.value)
    assert "config.yaml" in str(caught.value)


def test_a_missing_file_is_one_error(tmp_path):
    with pytest.raises(SettingsError, match="textgen init"):
        load_config(tmp_path / "none.yaml")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_valid_and_survive_a_round_trip(path):
    config = load_config(path)
    assert Config.model_validate_json(config.model_dump_json()) == config
