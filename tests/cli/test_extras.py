"""What the stage commands find by themselves in a pipeline's output directory, and the short ways to say a sampler."""

import json

import pytest

from flows.cli import extras
from tests.cli import stages


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipeline")
    (folder / "corpus.txt").write_text("One.\n\nTwo.\n\nThree.\n")
    (folder / "config.yaml").write_text("output: out\ningestion: {inputs: [corpus.txt]}\nmodels: {a: {}, b: {}}\n")
    stages.finish(folder / "config.yaml")
    return folder / "out"


def planned(textgen, *arguments):
    code, out, err = textgen(*arguments, "--dry-run", "--json")
    assert code == 0, err
    return json.loads(out)["key"]


def test_evaluate_finds_model_tokens_and_corpus_beside_the_generations(textgen, out, tmp_path):
    found = planned(textgen, "evaluate", out / "a" / "generations", "-o", tmp_path / "e")
    given = ("--model", out / "a" / "model", "--tokens", out / "a" / "sequences", "--corpus", out / "documents")
    assert found == planned(textgen, "evaluate", out / "a" / "generations", "-o", tmp_path / "e", *given)


def test_report_finds_every_model(textgen, out, tmp_path):
    key = planned(textgen, "report", out, "-o", tmp_path / "r")
    assert {role.split("/")[0] for role in key["inputs"]} == {"corpus", "a", "b"}


def test_report_needs_no_directory_where_all_is_given(textgen, out, tmp_path):
    places = {"tokens": "sequences", "model": "model", "generations": "generations", "evaluation": "metrics"}
    runs = []
    for name in "ab":
        where = {role: str((out / name / place).resolve().parent) for role, place in places.items()}
        where["model"] = str((out / name / "model").resolve())
        runs += ["--run", json.dumps({"name": name, **where})]
    corpus = (out / "documents").resolve().parent
    given = planned(textgen, "report", *runs, "--corpus", corpus, "-o", tmp_path / "r")
    assert given == planned(textgen, "report", out, "-o", tmp_path / "r")
    code, _, err = textgen("report", *runs, "-o", tmp_path / "r")
    assert code == 2 and "--corpus must be given" in err


@pytest.mark.parametrize(
    ("flags", "samplers"),
    [
        ([], ["top-p"]),
        (["--temperature", "0.5"], ["sample"]),
        (["--sampler", "greedy", "--sampler", "beam"], ["greedy", "beam"]),
        (["--sampler", "name=warm,temperature=1.2", "--strategy", "greedy"], ["warm", "greedy"]),
        (["--sampler", '{"name": "cold", "temperature": 0.1}'], ["cold"]),
    ],
)
def test_samplers(textgen, out, tmp_path, flags, samplers):
    key = planned(textgen, "generate", out / "a" / "model", out / "seeds.parquet", "-o", tmp_path / "g", *flags)
    assert sorted(key["settings"]["samplers"]) == sorted(samplers)


def test_a_champion_is_looked_up(monkeypatch, tmp_path):
    monkeypatch.setattr("textgen_core.registry.resolve_model", lambda name, registry: registry / name)
    assert extras.resolved_model("champion", str(tmp_path)) == tmp_path / "champion"
