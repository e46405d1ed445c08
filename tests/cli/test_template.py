"""The configuration that init writes comes from the settings, so that it can't drift from them."""

import re

import pytest
import yaml

from flows.cli.fields import leaves
from flows.cli.template import CONFIGS, comparison, template
from textgen_core.comparison.settings import ComparisonSettings
from textgen_core.config import Config, load_config, read_yaml
from textgen_core.settings import validated


def written(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return load_config(path)


def uncommented(text):
    return re.sub(r"^( *)#(?=[\w.-]+:)", r"\1", text, flags=re.MULTILINE)


def test_it_is_the_default_configuration(tmp_path):
    found = written(tmp_path, template("corpus.txt", "runs"))
    expected = {"output": tmp_path / "runs", "ingestion": {"inputs": [str(tmp_path / "corpus.txt")]}}
    assert found == Config.model_validate(expected)


def test_taking_every_comment_sign_away_changes_nothing(tmp_path):
    text = template("corpus.txt", "runs")
    assert written(tmp_path, uncommented(text)) == written(tmp_path, text)


def test_it_names_every_setting_there_is():
    text = uncommented(template("corpus.txt", "runs"))
    inside = {leaf.path[-1] for leaf in leaves(Config)}
    missing = {name for name in inside if not re.search(rf"^ *(# .*)?\b{name}:", text, re.MULTILINE)}
    assert not missing


@pytest.mark.parametrize("pairs", [False, True])
def test_a_comparison_names_all_of_its_settings_and_every_comment_sign_may_go(tmp_path, pairs):
    text = comparison("corpus.txt", "compared", pairs)
    plain, uncovered = tmp_path / "plain.yaml", tmp_path / "uncovered.yaml"
    plain.write_text(text)
    uncovered.write_text(uncommented(text))
    one, other = (validated(ComparisonSettings, read_yaml(path), "test") for path in (plain, uncovered))
    assert one == other
    assert set(yaml.safe_load(uncommented(text))) == set(ComparisonSettings.model_fields)


def test_names_with_odd_characters_survive(tmp_path):
    odd = "a: #[b], 'c' \"d\" é.txt"
    assert written(tmp_path, template(odd, "runs")).ingestion.inputs == (str(tmp_path / odd),)


@pytest.mark.parametrize(("example", "flags"), [("comparison", ()), ("comparison-pairs", ("--pairs",))])
def test_of_a_comparison_it_is_the_example_for_another_text(textgen, tmp_path, example, flags):
    path, odd = tmp_path / "comparison.yaml", "a: #[b], 'c' \"d\" é.txt"
    code, said, _ = textgen("init", odd, "--compare", *flags, "-o", path)
    assert code == 0 and "textgen compare" in said
    both = (path, CONFIGS / f"{example}.yaml")
    found, example = (validated(ComparisonSettings, read_yaml(one), "test") for one in both)
    assert found.ingestion.inputs == (str(tmp_path / odd),) and found.output == tmp_path / example.output.name
    own = {"ingestion": found.ingestion.model_copy(update={"inputs": example.ingestion.inputs})}
    assert found.model_copy(update={"output": example.output, **own}) == example
    (tmp_path / odd).write_text("A book.")
    assert textgen("compare", path, "--dry-run")[0] == 0
    assert textgen("init", odd, "--pairs", "-o", tmp_path / "no.yaml")[0] == 2


@pytest.mark.parametrize("corpus", ["here.txt", "*.txt", "https://example.org/a.txt", "python-docs"])
def test_init_says_where_a_plain_path_leads_nowhere(textgen, tmp_path, corpus):
    (tmp_path / "here.txt").touch()
    assert textgen("init", corpus, "-o", tmp_path / "a.yaml")[2] == ""
    code, _, err = textgen("init", "nosuch.txt", "-o", tmp_path / "b.yaml")
    assert code == 0 and f"{tmp_path / 'nosuch.txt'} is not there yet" in err


def test_init_writes_once(textgen, tmp_path):
    path = tmp_path / "mine.yaml"
    assert textgen("init", "book.txt", "-o", path)[0] == 0
    assert load_config(path).ingestion.inputs == (str(tmp_path / "book.txt"),)
    assert textgen("init", "book.txt", "-o", path)[0] == 2
    assert textgen("init", "book.txt", "-o", path, "--force")[0] == 0
    assert textgen("init", "-o", "-")[1].startswith("# A pipeline")
