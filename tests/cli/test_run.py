import json

import pytest

from tests.cli import stages


@pytest.fixture
def config(tmp_path):
    (tmp_path / "corpus.txt").write_text("One two three four five six seven.\n\n" * 3)
    path = tmp_path / "config.yaml"
    path.write_text("output: out\ningestion: {inputs: [corpus.txt]}\n")
    return path


def test_a_dry_run_does_nothing_and_says_what_would_be_done(textgen, config):
    code, out, _ = textgen("run", config, "--dry-run", "--json")
    assert code == 0
    steps = json.loads(out)
    assert [step["state"] for step in steps] == ["run", *["waits"] * 6]
    assert not (config.parent / "out").exists()


def test_a_second_run_has_nothing_to_do(textgen, config):
    stages.finish(config)
    code, out, err = textgen("run", config)
    assert (code, err) == (0, "")
    assert "Nothing to do" in out
    assert {step["state"] for step in json.loads(textgen("run", config, "--json")[1])["steps"].values()} == {"finished"}


def test_products_that_were_removed_are_linked_again(textgen, config):
    stages.finish(config)
    (config.parent / "out" / "documents").unlink()
    assert textgen("run", config)[0] == 0
    assert (config.parent / "out" / "documents").is_symlink()


def test_an_impossible_configuration_is_code_2_and_names_the_setting(textgen, config):
    config.write_text("output: out\ningestion: {inputs: [corpus.txt], unit: verse}\n")
    code, _, err = textgen("run", config)
    assert code == 2 and "ingestion.unit" in err and len(err.splitlines()) == 1
