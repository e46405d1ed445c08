""" "Add a sampler in ten minutes" of CONTRIBUTING.md, done as it says in a copy of the tree."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from tests.docs.pages import ROOT, blocks

PAGE = (ROOT / "CONTRIBUTING.md").read_text()
SECTION = PAGE[PAGE.index("## Add a sampler") :]
LANGUAGES = [block.language for block in blocks(SECTION)]
COMMANDS = next(block.text for block in blocks(SECTION) if block.language == "sh").splitlines()


def steps():
    """(path, block) of each step: the file that was named last before the block."""
    for block in blocks(SECTION):
        if block.language in ("python", "diff"):
            yield re.findall(r"`([\w/]+\.py)`", SECTION[: block.start])[-1], block


def apply(tree, path, block):
    """Write a new file, or replace the lines of a diff that stand in the file by what they become."""
    if block.language == "python":
        assert not (tree / path).exists(), f"{path} is to be new"
        (tree / path).write_text(block.text)
        return
    lines = block.text.splitlines(keepends=True)
    before, after = ("".join(line[1:] or "\n" for line in lines if line[0] != sign) for sign in "+-")
    text = (tree / path).read_text()
    assert text.count(before) == 1, f"{path} must hold once:\n{before}"
    (tree / path).write_text(text.replace(before, after))


def command(number):
    """A command of the last step, as the copy of the tree is asked to do it."""
    first, *rest = shlex.split(COMMANDS[number])
    return {".venv/bin/python": [sys.executable], "textgen": [sys.executable, "-m", "flows.cli"]}[first] + rest


def run(tree, *words, code=0):
    """What a command that ends with this code said."""
    environment = os.environ | {"PYTHONPATH": str(tree)}
    done = subprocess.run(words, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    tree = tmp_path_factory.mktemp("contributed")
    for folder in ("flows", "tasks", "textgen_core", "tests", "docs"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__", "images"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    for path, block in steps():
        apply(tree, path, block)
    return tree


def test_it_is_one_file_one_line_one_setting_and_one_entry():
    assert LANGUAGES == ["python", "diff", "diff", "diff", "diff", "sh"]
    assert len({path for path, _ in steps()}) == 4


def test_the_contract_holds(tree):
    said = run(tree, *command(0), "-rA", "-k", "top_a or defaults", "-p", "no:cacheprovider")
    assert "PASSED tests/contracts/test_samplers.py::test_draws_from_the_exact_distribution[top_a-peaked]" in said
    assert "PASSED tests/contracts/test_samplers.py::test_off_is_an_exact_identity[top_a]" in said


@pytest.mark.slow
def test_the_whole_contract_holds(tree):
    run(tree, *command(0), "-p", "no:cacheprovider")


@pytest.mark.slow
@pytest.mark.parametrize(("right", "wrong"), [("2 * highest", "1.5 * highest"), (">= ops.log", "<= ops.log")])
def test_a_mutant_of_it_does_not_pass(tree, tmp_path, right, wrong):
    mutant = shutil.copytree(tree, tmp_path / "mutant")
    file = mutant / "textgen_core" / "decoding" / "truncations" / "top_a.py"
    assert right in file.read_text()
    file.write_text(file.read_text().replace(right, wrong))
    assert "failed" in run(mutant, *command(0), "-k", "draws and top_a", "-p", "no:cacheprovider", code=1)


def test_it_passes_ruff_and_the_reference_is_made_anew(tree):
    for check in (["check"], ["format", "--check"]):
        run(tree, sys.executable, "-m", "ruff", *check, "--no-cache", *(path for path, _ in steps()))
    run(tree, *command(1))
    assert "--top-a NUMBER" in (tree / "docs" / "commands.md").read_text()


def test_the_command_line_and_a_seed_file_take_it(tree, finished_run, tmp_path):
    seeds, output = tmp_path / "seeds.csv", tmp_path / "sharp"
    seeds.write_text("prompt,top_a\n3 green,\n4 green,\n5 green,0.0\n")
    named = {"MODEL": finished_run[0] / "out" / "tiny" / "model", "SEEDS": seeds, "sharp": output}
    told = ["name=sharp,top_a=0.3" if "top_a" in word else named.get(word, word) for word in command(2)]
    others = ["--sampler", "name=plain", "--sampler", "name=sharpest,top_a=1", "--samples", "8"]
    run(tree, *map(str, [*told, *others]))
    made = pd.read_parquet(output / "generations")
    off = made[made["top_a"] == 0]
    assert len({tuple(rows["text"]) for _, rows in off.groupby("sampler")}) == 1
    on = made[made["top_a"].isna()]
    a_token = (on["logprob"] / (on["n_tokens"] + (on["finish_reason"] == "end"))).groupby(on["sampler"]).mean()
    assert a_token["sharpest"] > a_token["sharp"] > a_token["plain"]


def test_what_is_impossible_is_one_clear_error(tree, tmp_path):
    said = run(tree, *command(2), "--top-a", "2", code=2)
    assert "--top-a" in said and "less than or equal to 1" in said and "Traceback" not in said


@pytest.mark.slow
def test_try_explains_it(tree, finished_run):
    model = str(finished_run[0] / "out" / "tiny" / "model")
    assert "yours" in run(tree, *(model if word == "MODEL" else word for word in command(3)))
