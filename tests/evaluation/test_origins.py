"""What was not made of each other is not measured together."""

import pytest

from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.stage import run_stage
from textgen_core.errors import DatasetError
from textgen_core.evaluation.origins import check_origins
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.evaluation.stage import evaluation_key
from textgen_core.frontier.settings import FrontierSettings
from textgen_core.frontier.steps import plan, sweep
from textgen_core.models.config import MODEL_FILES

ROLES = ("model", "tokens", "corpus", "generations")


@pytest.fixture
def places(tmp_path):
    """Stage directories 1 and 2 of each role, which hold little; those of a number were made of each other."""

    def made(stage, number, files, **inputs):
        def body(partial):
            for name in files:
                (partial / name).write_text(f"{name} {number}")
            return {}

        numbers = {"stage": stage, "code_version": 1, "schema_version": 1, "settings": {}, "numerics": {}}
        run_stage(RunKey(**numbers, inputs=inputs), tmp_path / f"{stage}{number}", body)
        return tmp_path / f"{stage}{number}"

    def of(number):
        corpus = made("corpus", number, ["documents"])
        tokens = made("tokens", number, ["sequences", "tokenizer.json"], documents=digest_of(corpus, "documents"))
        model = made("model", number, MODEL_FILES)
        generations = made("generations", number, ["generations"], model=digest_of(model, *MODEL_FILES))
        return dict(zip(ROLES, (model, tokens, corpus, generations), strict=True))

    made("human", 1, ["generations"])
    return {number: of(number) for number in (1, 2)}


@pytest.mark.parametrize("foreign", ROLES)
def test_one_of_another_run_is_refused_by_evaluation(places, tmp_path, foreign):
    evaluation_key(EvaluationSettings(**places[1], output=tmp_path / "out"))
    settings = EvaluationSettings(**places[1] | {foreign: places[2][foreign]}, output=tmp_path / "out")
    with pytest.raises(DatasetError, match=f"{foreign}2"):
        evaluation_key(settings)


def test_texts_that_no_model_is_known_to_have_made_are_measured_with_any(places, tmp_path):
    check_origins(**places[2] | {"generations": tmp_path / "human1"})


@pytest.mark.parametrize("foreign", ROLES[:3])
def test_a_frontier_is_refused_before_anything_is_made(places, tmp_path, foreign):
    def must_not_run(stage, name, settings):
        raise AssertionError(stage)

    (tmp_path / "seeds.txt").write_text("Once\n")
    mixed = {role: places[2 if role == foreign else 1][role] for role in ROLES[:3]}
    settings = FrontierSettings(**mixed, seeds=tmp_path / "seeds.txt", output=tmp_path / "out")
    with pytest.raises(DatasetError, match=f"{foreign}2"):
        plan(settings)
    with pytest.raises(DatasetError, match=f"{foreign}2"):
        sweep(settings, must_not_run)
