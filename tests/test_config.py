"""A configuration composes the stages' options, refuses what it doesn't know, and anchors paths at its own folder."""

from pathlib import Path

import pytest

from textgen_core.comparison.settings import ComparisonSettings
from textgen_core.config import Config, load_config
from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.stage import run_stage
from textgen_core.errors import SettingsError
from textgen_core.models.files import write_model
from textgen_core.models.settings import Architecture
from textgen_core.pipeline import steps
from textgen_core.seeding.settings import SeedingOptions
from textgen_core.training.settings import TrainingOptions

EXAMPLES = sorted((Path(__file__).parents[1] / "deployments" / "configs").glob("*.yaml"))
EXAMPLES = [path for path in EXAMPLES if not path.stem.startswith("comparison")]  # which tests.comparison looks at

KEY = RunKey(stage="training", code_version=1, schema_version=1, settings={}, inputs={}, numerics={})
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


PLAIN, PAIRED = "{}", "{tokenization: {pairs: {kind: %s}}}"


@pytest.mark.parametrize(
    ("models", "seeds", "drawn"),
    [
        ([PAIRED % "opening, words: 9"], "{}", {"how": "openings", "words": 9}),
        ([PAIRED % "sentences"] * 2, "{}", {"how": "sentences"}),
        ([PAIRED % "sentences"], "{count: 3}", {"how": "sentences", "count": 3}),
        ([PAIRED % "sentences"], "{how: spans}", {"how": "spans"}),
        ([PAIRED % "sentences"], "{words: 12}", {"words": 12}),
        ([PAIRED % "sentences", PAIRED % "opening"], "{}", {}),
        ([PAIRED % "sentences", PLAIN], "{}", {}),
    ],
)
def test_seeds_are_the_sources_of_pairs_unless_told_otherwise(tmp_path, models, seeds, drawn):
    listed = ", ".join(f"m{number}: {model}" for number, model in enumerate(models))
    text = SMALL.replace("seeds.csv", seeds) + f"models: {{{listed}}}"
    config = load_config(written(tmp_path, text))
    assert config.seeds == SeedingOptions(**drawn)
    assert Config.model_validate_json(config.model_dump_json()) == config
    if seeds == "{}":
        assert load_config(written(tmp_path, text.replace("seeds: {}", ""))) == config


@pytest.mark.parametrize("settings", [Config, ComparisonSettings])
def test_no_form_says_of_seeds_what_nobody_has_said(settings):
    properties = settings.model_json_schema()["properties"]
    assert "default" not in properties["seeds"] and "default" in properties["evaluation"]


def test_a_model_to_go_on_from_is_found_from_there_and_brings_its_architecture(tmp_path):
    known = TrainingOptions(preset="tiny", model={"family": "transformer"}).model
    home = tmp_path / "known"
    run_stage(KEY, home, lambda partial: write_model(Architecture(vocab_size=9, model=known), {}, partial) or {})
    config = load_config(written(tmp_path, SMALL + "models: {more: {training: {warm_start: known}}, other: {}}"))
    assert config.models["more"].training.warm_start == home
    assert config.models["more"].training.model == known != config.models["other"].training.model
    assert Config.model_validate_json(config.model_dump_json()) == config
    made = {step.name: step.settings(tmp_path, dict.fromkeys(step.needs, tmp_path)) for step in steps(config)}
    assert (made["more/tokenization"].reuse, made["other/tokenization"].reuse) == (home, None)
    assert (made["more/training"].warm_start, made["other/training"].warm_start) == (home, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("output: [", "must be YAML"),
        ("- a list", "must be a mapping"),
        (SMALL + "reporting: 2026-02-30", "must be YAML"),
        (SMALL + "colour: blue", "colour"),
        (SMALL + "models: {}", "models"),
        (SMALL + "models: {report.html: {}}", "can't be called report.html"),
        (SMALL + "models: {../up: {}}", "models"),
        (SMALL + "models: {a: {training: {preset: huge}}}", "huge"),
        (SMALL + "models: [a]", "models"),
        (SMALL + "models: {a: {training: {warm_start: 5}}}", "warm_start"),
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
