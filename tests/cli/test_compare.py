"""What a comparison would do: the next stage of each part, and what is known of its time."""

import pytest
import yaml

import flows.cli.compare
from textgen_core.comparison.steps import Planned


@pytest.fixture
def config(tmp_path):
    (tmp_path / "book.txt").write_text("A book.")

    def of(**budget):
        told = {"output": "out", "ingestion": {"inputs": ["book.txt"]}, "families": ["rnn", "cnn", "ngram"]}
        told |= {"levels": ["char"], "sizes": [60_000], "shares": [0.5, 1.0], "budget": budget}
        (tmp_path / "comparison.yaml").write_text(yaml.safe_dump(told))
        return tmp_path / "comparison.yaml"

    return of


def states(said):
    return dict(line.strip().split("  ", 1) for line in said.splitlines() if "next is" in line)


def test_what_was_never_begun_does_not_go_on(textgen, config):
    code, said, _ = textgen("compare", config(seconds=90), "--dry-run")
    found = {name: state.strip() for name, state in states(said).items()}
    assert code == 0 and "go on" not in said and found["shared"] == "next is ingestion"
    assert found["rnn-char-60k-50pct"] == "next is share" and found["ngram-char-100pct"] == "next is tokenization"
    assert "to do: 4, of 90 s: 6 minutes" in said


def test_of_a_budget_in_steps_it_says_that_time_is_not_known(textgen, config):
    _, said, _ = textgen("compare", config(steps=1200), "--dry-run")
    assert "to do: 4, of 1,200 steps" in said and "budget.seconds" in said and "minutes" not in said


def test_trainings_that_are_done_take_no_time(textgen, config, monkeypatch):
    def planned(*stages):
        told = [Planned("shared", None), *(Planned(f"cell {n}", stage) for n, stage in enumerate(stages))]
        monkeypatch.setattr(flows.cli.compare, "plan", lambda settings: told)
        return textgen("compare", config(seconds=90), "--dry-run")[1]

    assert "to do: 1, of 90 s: 1.5 minutes" in planned("training", "generation", None, "reading", "training", None)
    assert "to do" not in planned(None, "generation", None, "reading", "training", "training")


def test_trainings_that_cannot_be_take_no_time(textgen, config, monkeypatch):
    told = [Planned("shared", None), Planned("cell 0", "training", "no width"), *[Planned("cell", "training")] * 5]
    monkeypatch.setattr(flows.cli.compare, "plan", lambda settings: told)
    assert "to do: 3, of 90 s" in textgen("compare", config(seconds=90), "--dry-run")[1]
