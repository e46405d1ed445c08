import subprocess
import sys

import pytest
from pydantic import ValidationError

from tests.training.corpora import tiny
from tests.training.families import BY_GRADIENTS, OPTIONS
from textgen_core.models.settings import RNNSettings, TransformerSettings
from textgen_core.progress import silent
from textgen_core.training.presets import PRESETS
from textgen_core.training.settings import TrainingOptions
from textgen_core.training.stage import train


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("family", OPTIONS)
def test_every_preset_is_complete_and_valid(preset, family):
    options = TrainingOptions.model_validate({"preset": preset, "model": {"family": family}})
    assert None not in {getattr(options, name) for name in PRESETS[preset][family]}
    assert TrainingOptions.model_validate(options.model_dump()) == options


def test_what_is_said_wins_over_the_preset_and_the_rest_is_filled_in():
    options = TrainingOptions.model_validate({"preset": "tiny", "steps": 7, "model": {"units": 5}, "window": None})
    assert options.steps == 7 and options.model == RNNSettings(units=5, cell="lstm", layers=1)
    assert options.window == PRESETS["tiny"]["rnn"]["window"]
    own = TrainingOptions(preset="base", model=TransformerSettings(width=48))
    assert own.model.width == 48 and own.model.layers == PRESETS["base"]["transformer"]["model"]["layers"]


def test_patience_without_end_can_be_said():
    assert TrainingOptions(patience=None).patience is None and TrainingOptions().patience == 5
    assert TrainingOptions.model_validate(TrainingOptions(patience=None).model_dump()).patience is None


def test_a_shorter_context_shortens_the_presets_window():
    options = TrainingOptions.model_validate({"model": {"family": "transformer", "context": 32}})
    assert options.window == 32
    pairs = TrainingOptions.model_validate({"model": {"family": "seq2seq-transformer", "context": 64}})
    assert pairs.window == 32, "a context holds a source and a target"


def test_a_short_training_warms_up_for_a_quarter_of_it_at_most():
    assert TrainingOptions(preset="demo").warmup == 300
    assert TrainingOptions(preset="demo", steps=400).warmup == 100
    assert TrainingOptions(preset="demo", steps=400, warmup=200).warmup == 200  # for it was said


def test_a_presets_rate_suits_its_optimizer():
    """What they say in README: Transformers from scratch learn by Muon, all else by AdamW."""
    for preset, families in PRESETS.items():
        for family in families:
            usual = TrainingOptions.model_validate({"preset": preset, "model": {"family": family}})
            assert usual.optimizer == ("muon" if preset in ("demo", "small") and "transformer" in family else "adamw")
    transformer = {"preset": "demo", "model": {"family": "transformer"}}
    rates = [
        TrainingOptions.model_validate({**transformer, **said}).learning_rate
        for said in ({}, {"optimizer": "adamw"}, {"optimizer": "adamw", "learning_rate": 1e-3}, {"learning_rate": 1e-3})
    ]
    assert rates == [1e-2, 3e-3, 1e-3, 1e-3]
    rnn = TrainingOptions.model_validate({"preset": "demo", "optimizer": "muon"})
    assert rnn.learning_rate == pytest.approx(1.2e-2 / 0.3)


def test_numbers_written_as_text_shorten_as_numbers_do():
    assert TrainingOptions.model_validate({"preset": "demo", "steps": "400"}).warmup == 100
    assert TrainingOptions.model_validate({"model": {"family": "transformer", "context": "32"}}).window == 32


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"preset": "huge"}, "preset"),
        ({"model": {"family": "gan"}}, "family"),
        ({"model": "lstm"}, "mapping"),
        ({"batch_size": 5, "replicas": 2}, "divide batch_size"),
        ({"model": {"family": "transformer", "context": 8}, "window": 9}, "exceed the model's context"),
        ({"model": {"family": "transformer", "width": 10, "heads": 3}}, "multiple of 6, twice the heads"),
        ({"model": {"family": "transformer", "context": "big"}}, "context"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"lerning_rate": 1e-3}, "lerning_rate"),
    ],
)
def test_the_impossible_is_refused_in_words(values, words):
    with pytest.raises(ValidationError, match=words):
        TrainingOptions.model_validate(values)


def test_settings_and_stage_load_nothing_heavy():
    program = "import sys, textgen_core.training.stage; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"tensorflow", "keras", "prefect", "pandas"} & set(loaded)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("family", BY_GRADIENTS)
def test_the_base_preset_builds_and_takes_a_step(tokens, tmp_path, family):
    small = {"batch_size": 1, "accumulate": 1, "window": 16, "steps": 1, "evaluate_tokens": 16, "samples": 0}
    settings = tiny(tokens, tmp_path / "model", family, preset="base", **small)
    facts = train(settings, silent).facts
    assert 5e6 < facts["parameters"] < 2e8 and facts["train_loss"] == pytest.approx(2.6, abs=0.8)  # log(14)


@pytest.mark.parametrize("family", OPTIONS)
def test_what_is_written_by_default_and_a_prompt_fit_the_smallest_context(family):
    context = (
        TrainingOptions.model_validate({"preset": "tiny", "model": {"family": family}}).model.fields().get("context")
    )
    assert context is None or context > 200  # of `textgen try`; `generate` writes 100
