"""A small comparison that is really made: what it leaves, what its page and command say, and a cell that fails."""

import html
import json
import re

import pandas as pd
import pytest
import yaml

from flows.cli import exits
from tests import small
from textgen_core.catalog import CATALOG
from textgen_core.comparison.settings import ComparisonSettings
from textgen_core.comparison.steps import compare
from textgen_core.datasets.verify import verify
from textgen_core.progress import silent
from textgen_core.settings import validated

pytestmark = pytest.mark.slow  # a minute or two


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    (folder / "verses.txt").write_text(small.VERSES)
    values = {
        "output": "out",
        "ingestion": {"inputs": ["verses.txt"], "unit": "file", "split": {"method": "tail", "validation": 0.2}},
        "families": {
            "rnn": {"preset": "tiny"},
            "deep": {"preset": "tiny", "model": {"family": "transformer", "layers": 64, "heads": 16}},
            "ngram": {"model": {"order": 3}},
        },
        "levels": ["char"],
        "sizes": [20_000],
        "shares": [0.5, 1.0],
        "budget": {"steps": 30},
        "temperatures": [0.5, 1.0],
        "characters": 60,
        "long_characters": 128,
        "judge": {"order": 3},
        "seeds": {"count": 30, "how": "spans", "words": 3},
        "evaluation": {"bootstrap": {"samples": 20}},
    }
    (folder / "comparison.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    return folder / "comparison.yaml"


@pytest.fixture(scope="module")
def out(config):
    told = yaml.safe_load(config.read_text())
    told |= {"output": config.parent / "out"}
    told["ingestion"] |= {"inputs": [str(config.parent / "verses.txt")]}
    compare(validated(ComparisonSettings, told, "test"), lambda stage, name, of, work: work(of, silent))
    return config.parent / "out"


@pytest.fixture
def textgen(capsys, monkeypatch, tmp_path):
    """Run a command line in this process, where no Prefect server is known: its exit code, stdout and stderr."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    monkeypatch.setenv("TEXTGEN_STATE", str(tmp_path / "state"))
    return lambda *words: (exits.run([str(word) for word in words]), *capsys.readouterr())


@pytest.fixture
def cells(out):
    return pd.read_parquet(out / "comparison").set_index("cell")


def test_there_is_a_row_a_cell_and_a_failed_one_says_why(cells):
    assert list(cells.index) == [
        *(f"{name}-char-20k-{share}pct" for name in ("rnn", "deep") for share in (50, 100)),
        *("ngram-char-50pct", "ngram-char-100pct"),
    ]
    failed = cells[cells["failure"].notna()]
    assert set(failed["variant"]) == {"deep"} and set(failed["failed_stage"]) == {"training"}
    assert (
        failed["failure"].str.contains("a model of 20,000 weights must be possible").all()
        and failed["bits_per_char"].isna().all()
    )
    done = cells[cells["failure"].isna()]
    assert (done["bits_per_char_low"] < done["bits_per_char"]).all()
    assert (done["bits_per_char"] < done["bits_per_char_high"]).all()
    assert done["train_characters"]["rnn-char-20k-50pct"] * 2 == pytest.approx(done["train_characters"].max(), rel=0.01)
    assert (done.loc[done["family"] == "rnn", "parameters"] / 20_000).between(0.8, 1.2).all()
    assert (done["weight_bytes"] >= 4 * done["parameters"]).all()


def test_more_text_and_nearer_text_cost_less(cells, out):
    """The n-gram learns these verses by heart; the judge is the same n-gram of all text."""
    assert cells["bits_per_char"]["ngram-char-100pct"] < cells["bits_per_char"]["rnn-char-20k-100pct"]
    sampled = pd.read_parquet(out / "trade_offs").set_index(["cell", "temperature"])
    cool, warm = (sampled.loc["ngram-char-100pct", t]["judge_bits_per_char"] for t in (0.5, 1.0))
    assert cool < warm < sampled.loc["rnn-char-20k-100pct", 1.0]["judge_bits_per_char"]


def test_what_the_model_is_the_judge_of_it_reads_alike(out):
    """The judge and the n-gram cell of all text are one model."""
    rows = pd.read_parquet(out / "ngram-char-100pct" / "stretches")
    assert rows["bits"].to_numpy() == pytest.approx(rows["judge_bits"].to_numpy(), rel=1e-4)
    assert set(rows["author"]) == {"human", "model"} and rows["block"].max() == 7


@pytest.mark.parametrize("name", [name for name, it in CATALOG.items() if it.where.startswith("COMPARED/")])
def test_datasets_lie_where_the_page_says_and_keys_are_keys(out, name):
    parts = sorted(out.glob(CATALOG[name].where.removeprefix("COMPARED/")))
    assert parts
    for part in parts:
        rows = pd.read_parquet(part)
        assert list(rows.columns) == CATALOG[name].columns.names and len(rows)
        assert not rows.duplicated(list(CATALOG[name].key)).any()
    assert not any(map(verify, {part.resolve().parents[1] for part in parts}))


def test_the_page_stands_alone_and_shows_every_cell(out, cells):
    page = (out / "comparison.html").read_text()
    assert "<script" not in page and "http" not in re.sub(r"<meta[^>]*>", "", page)
    assert all(name in page for name in cells.index) and "failed in training" in page
    assert page.count("<svg") >= 8 and "Do Transformers need more data?" in page
    charts = {path.stem: path.read_text() for path in (out / "charts").glob("*.svg")}
    assert charts["text"].count("<polyline") == 2 and charts["human_text"].count("<polyline") == 2
    ends = [re.findall(rf"<title>{name}: (\S+) \(", charts["seconds"]) for name in cells.index]
    figures = [
        [f"{bits:.4g}"] * (share == 1) for bits, share in zip(cells["bits_per_char"], cells["share"], strict=True)
    ]
    assert [own for own in ends if own] == [own for own in figures if own and own != ["nan"]], "as in the table"
    assert not any("deep char" in shown for shown in (page, *charts.values())), "nothing of it is drawn"
    assert "rnn char" in page and "rnn char" in charts["seconds"] and "ngram char" in page


def test_the_page_shows_what_people_wrote_before_what_models_did(out):
    page = (out / "comparison.html").read_text()
    people = pd.read_parquet(out / "human" / "generations").set_index("seed_id")["text"]
    seeds = page.split('<article class="seed">')[1:]
    shown = {
        re.search(r'class="id">([^<]+)<', seed)[1]: re.findall(r'class="text"[^>]*>([^<]*)<', seed) for seed in seeds
    }
    assert len(shown) == 6 and len(shown.keys() & people.keys()) > 0
    for seed, (first, *rest) in shown.items():
        assert html.unescape(first) == people.get(
            seed, "(missing: not found, or it overlaps with what follows another prompt)"
        )
        assert len(rest) == 2 * 4, "temperatures of finished cells"


def test_the_command_does_nothing_twice_and_says_what_failed(config, out, textgen):
    code, said, _ = textgen("compare", config, "--dry-run", "--json")
    planned = {part["part"]: part for part in json.loads(said)}
    assert code == 0 and {name for name, part in planned.items() if part["next"]} == {
        "deep-char-20k-50pct",
        "deep-char-20k-100pct",
    }
    assert "must be possible" in planned["deep-char-20k-50pct"]["failure"]
    code, said, notes = textgen("compare", config)
    assert code == 0 and "deep-char-20k-50pct failed in training" in said and "comparison.html" in said
    assert not re.findall(r"\S+/\w+ \.\.\.", notes), "no stage is done again"


def test_a_wrong_configuration_is_one_line(config, textgen, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(config.read_text().replace("temperatures", "temperature"))
    code, _, said = textgen("compare", wrong)
    assert code == 2 and "temperature" in said and len(said.strip().splitlines()) == 1
