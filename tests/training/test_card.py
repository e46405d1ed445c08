import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.datasets.manifest import RunKey
from textgen_core.training.card import Story, model_card
from textgen_core.training.schedule import KerasSchedule, WarmupCosine
from textgen_core.training.settings import TrainingSettings

SETTINGS = TrainingSettings(preset="tiny", tokens="t", output="o")
KEY = RunKey(
    stage="training", code_version=1, schema_version=1, settings=SETTINGS.canonical(), inputs={"a": "b"}, numerics={}
)
FACTS = {
    "parameters": 1234,
    "tokens_seen": 2020,
    "training_seconds": 3.2,
    "tokens_per_second": 900,
    "steps": 50,
    "best_step": 50,
    "stopped_early": False,
    "train_loss": 1.5,
    "validation_loss": 2.0,
    "bits_per_char": 3.0,
}
TOKENS = {"kind": "char", "vocab_size": 9, "documents_train": 10, "chars_train": 1000, "tokens_train": 1000}
HISTORY = [
    {"step": step, "tokens_seen": step, "seconds": 1.0, "split": "validation", "loss": 2.0} for step in range(1, 51)
]


def test_a_card_shows_figures_curve_and_samples_as_text():
    card = model_card(Story(SETTINGS, KEY, FACTS, TOKENS, HISTORY, [("<b>", "``` \n</script>")]))
    assert card.startswith("# LSTM, 1 x 32, char level\n")
    assert "1,234 weights" in card and "2 passes" in card
    assert "| Held-out perplexity a token | 7.39 |" in card and "| train | 10 | 1,000 | 1,000 | 0 |" in card
    assert "````text\n<b>▸``` \n</script>\n````" in card
    curve = card.split("## Learning curve")[1].split("##")[0]
    assert "| 1 |" in curve and "| 50 |" in curve and curve.count("\n| ") == 2 + 8


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ({"family": "rnn"}, "Its context has no limit."),
        ({"family": "cnn", "layers": 3, "kernel": 3, "dilation_cycle": 3}, "It sees the last 15 tokens."),
        ({"family": "transformer", "context": 64}, "It sees 64 tokens, prompt and continuation together."),
    ],
)
def test_a_card_says_how_far_its_model_sees(model, said):
    settings = TrainingSettings(preset="tiny", model=model, tokens="t", output="o")
    assert said in model_card(Story(settings, KEY, FACTS, TOKENS, HISTORY, []))


def test_a_card_without_held_out_text_says_nothing_of_it():
    facts = FACTS | {"validation_loss": None, "bits_per_char": None}
    card = model_card(Story(SETTINGS, KEY, facts, TOKENS, [], []))
    assert "Held-out" not in card and "Learning curve" not in card and "None" not in card


def test_a_card_of_a_diverged_training_says_so():
    card = model_card(Story(SETTINGS, KEY, FACTS | {"validation_loss": 5000.0}, TOKENS, [], []))
    assert "| Held-out perplexity a token | inf |" in card


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 20), st.integers(1, 200))
def test_the_compiled_schedule_is_the_plain_one(step, warmup, steps):
    schedule = WarmupCosine(0.5, warmup, steps, 0.1)
    np.testing.assert_allclose(float(KerasSchedule(schedule)(step)), schedule(step), rtol=1e-4)
    assert 0 < schedule(step) <= 0.5


def test_a_card_of_pairs_says_what_its_model_does_and_how_to_go_on():
    tokens = TOKENS | {"pairs": "opening, 5 words", "pairs_train": 10}
    on_pairs, alone = (model_card(Story(SETTINGS, KEY, FACTS, own, HISTORY, [])) for own in (tokens, TOKENS))
    assert "It writes targets; it doesn't" in on_pairs and "It continues text; it doesn't" in alone
    assert "--reuse MODEL and the same --pairs" in on_pairs and "--pairs" not in alone
