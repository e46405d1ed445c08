"""A registry: promotion, refusal, rollback, references, and what a crash leaves."""

import json
import multiprocessing
import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from textgen_core import registry
from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.stage import run_stage
from textgen_core.errors import DatasetError, SettingsError, TextgenError
from textgen_core.models.config import MODEL_FILES
from textgen_core.registry import keep_champion, promote, read_registry, resolve_model, roll_back

RECIPE = {"documents": "0" * 64}


def make_model(directory, seed=0):
    """A stage directory with the files of a model."""
    numbers = {"stage": "training", "code_version": 1, "schema_version": 1}
    key = RunKey(**numbers, settings={"seed": seed}, inputs={}, numerics={})

    def body(partial):
        for name in MODEL_FILES:
            (partial / name).write_text(f"{name} {seed}")
        return {}

    run_stage(key, directory, body)
    return directory


@pytest.fixture
def models(tmp_path):
    return [make_model(tmp_path / "registry" / "models" / str(seed), seed) for seed in range(3)]


@pytest.fixture
def home(tmp_path):
    return tmp_path / "registry"


def promoted(home, *models):
    for model in models:
        promote(home, model, RECIPE, "better", {"bits per character": 2.0})


def test_the_last_promoted_is_champion_and_the_one_before_previous(home, models):
    promoted(home, *models)
    assert resolve_model("champion", home).resolve() == models[2]
    assert resolve_model("previous", home).resolve() == models[1]
    assert resolve_model("v1", home).resolve() == models[0]


def test_promoting_the_champion_again_changes_nothing(home, models):
    promoted(home, models[0])
    before = (home / registry.REGISTRY).read_bytes()
    promoted(home, models[0])
    assert (home / registry.REGISTRY).read_bytes() == before


def test_what_was_judged_last_is_known_also_where_it_came_out_as_a_version_that_is_there(home, models):
    promoted(home, models[0])
    assert read_registry(home).recipe == RECIPE
    keep_champion(home, models[0], {"documents": "1" * 64}, "the same again", {})
    known = read_registry(home)
    assert (len(known.versions), known.recipe) == (1, {"documents": "1" * 64})
    promoted(home, models[1])
    roll_back(home)
    assert read_registry(home).recipe == RECIPE


def test_rolling_back_goes_step_by_step_to_the_first_champion(home, models):
    promoted(home, *models)
    assert roll_back(home).champion.number == 2
    assert roll_back(home).champion.number == 1
    with pytest.raises(DatasetError, match="there must be a champion before"):
        roll_back(home)
    assert [event.action for event in read_registry(home).history] == ["promoted"] * 3 + ["rolled back"] * 2


def test_a_refused_challenger_is_a_version_but_never_in_office(home, models):
    promoted(home, models[0])
    keep_champion(home, models[1], RECIPE, "worse", {})
    known = read_registry(home)
    assert (known.champion.number, known.previous, known.history[-1].version) == (1, None, 2)
    assert resolve_model("v2", home).resolve() == models[1]


def test_the_whole_can_be_moved(home, models, tmp_path):
    promoted(home, models[0])
    shutil.move(home, tmp_path / "elsewhere")
    assert resolve_model("champion", tmp_path / "elsewhere").is_dir()


def test_a_model_that_changed_since_it_was_judged_is_not_handed_out(home, models):
    promoted(home, models[0])
    manifest = models[0] / "manifest.json"
    document = json.loads(manifest.read_text())
    document["files"][0]["sha256"] = "0" * 64
    manifest.write_text(json.dumps(document))
    with pytest.raises(DatasetError, match="must not change"):
        resolve_model("champion", home)


def test_an_unfinished_model_is_not_promoted(home, tmp_path):
    (tmp_path / "half").mkdir()
    with pytest.raises(DatasetError):
        promoted(home, tmp_path / "half")
    assert read_registry(home).champion is None


@pytest.mark.parametrize("path", ["runs/model", "./champion", "/models/v3", "v0", "champions"])
def test_anything_else_is_a_path(path):
    assert str(resolve_model(path, None)) == path.removeprefix("./")


def test_a_role_needs_a_registry(home):
    with pytest.raises(SettingsError, match="looked up in a registry"):
        resolve_model("champion", None)
    with pytest.raises(DatasetError, match="champion must be in the registry"):
        resolve_model("champion", home)


def test_a_damaged_registry_is_one_clear_error(home):
    home.mkdir()
    (home / registry.REGISTRY).write_text("{")
    with pytest.raises(DatasetError, match=r"registry\.json"):
        read_registry(home)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["promote 0", "promote 1", "promote 2", "refuse 1", "back"]), max_size=12))
def test_any_history_keeps_the_champions_a_stack(models, tmp_path_factory, steps):
    home, stack = tmp_path_factory.mktemp("r"), []
    numbers = {}
    for step in steps:
        action, _, which = step.partition(" ")
        try:
            if action == "promote":
                known = promote(home, models[int(which)], RECIPE, "", {})
                numbers[which] = known.champion.number
                if not stack or stack[-1] != numbers[which]:
                    stack.append(numbers[which])
            elif action == "refuse":
                keep_champion(home, models[int(which)], RECIPE, "", {})
            else:
                roll_back(home)
                stack.pop()
        except TextgenError:
            assert len(stack) < (2 if action == "back" else 1)
    assert list(read_registry(home).champions) == stack
    assert len({version.digest for version in read_registry(home).versions}) == len(read_registry(home).versions)


def _promote_from_another_process(home, model):
    promote(home, model, RECIPE, "race", {})


def test_processes_that_promote_at_once_lose_no_version(home, models):
    context = multiprocessing.get_context("spawn")
    racing = [context.Process(target=_promote_from_another_process, args=(home, model)) for model in models]
    for process in racing:
        process.start()
    for process in racing:
        process.join()
    known = read_registry(home)
    assert sorted(known.champions) == [1, 2, 3]
    assert len(known.history) == 3


@pytest.mark.parametrize("moment", ["open", "fsync", "rename"])
def test_a_promotion_that_dies_half_way_leaves_the_old_champion(home, models, monkeypatch, moment):
    promoted(home, models[0])

    def die(*arguments, **named):
        raise KeyboardInterrupt

    where = os if moment == "fsync" else type(home)
    with monkeypatch.context() as patch:
        patch.setattr(where, moment, die)
        with pytest.raises(KeyboardInterrupt):
            promoted(home, models[1])
    assert read_registry(home).champion.number == 1
    promoted(home, models[1])
    assert read_registry(home).champion.number == 2
