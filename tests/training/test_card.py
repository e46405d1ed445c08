import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textgen_core.datasets.manifest import RunKey
from textgen_core.training.card import escaped, fenced, model_card
from textgen_core.training.schedule import KerasSchedule, WarmupCosine
from textgen_core.training.settings import TrainingSettings

SETTINGS = TrainingSettings(preset="tiny", tokens="t", output="o")
KEY = RunKey(
    stage="training", code_version=1, schema_version=1, settings=SETTINGS.canonical(), inputs={"a": "b"}, numerics={}
)
FACTS = {"parameters": 1234, "tokens_seen": 5}


@given(st.text())
def test_escaped_text_is_one_inert_line(text):
    line = escaped(text)
    assert "\n" not in line and "<" not in line
    assert not re.search(r"(?<!\\)[`*_\[\]|]", line.replace("\\\\", ""))


@given(st.text(alphabet="`~<\n\x1b a"))
def test_no_text_closes_its_own_fence(text):
    opening, *body, closing = "\n".join(fenced(text)).split("\n")
    assert opening == closing + "text"
    assert not any(line.strip() == closing for line in body) and "\x1b" not in "".join(body)


def test_a_card_shows_figures_and_samples_as_text():
    card = model_card(SETTINGS, KEY, FACTS, [("<b>", "``` \n</script>")])
    assert "1,234 weights" in card and "````text\n<b>▸``` \n</script>\n````" in card


@given(st.integers(0, 300), st.integers(0, 20), st.integers(1, 200))
def test_the_compiled_schedule_is_the_plain_one(step, warmup, steps):
    schedule = WarmupCosine(0.5, warmup, steps, 0.1)
    np.testing.assert_allclose(float(KerasSchedule(schedule)(step)), schedule(step), rtol=1e-4)
    assert 0 < schedule(step) <= 0.5
