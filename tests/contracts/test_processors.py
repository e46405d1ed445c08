"""What every processor must keep. A new one is tested by standing in PROCESSORS and REFERENCES."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.decoding import said
from textgen_core.decoding.choosing import own_logprobs, processed
from textgen_core.decoding.processing import Processing
from textgen_core.decoding.processors import PROCESSORS
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import USED_BY, SamplerSettings
from textgen_core.decoding.vocabulary import Vocabulary

SIZE = said.VOCAB + 1  # the model knows a token more than the tokenizer
VOCABULARY = Vocabulary(said.TOKENIZER, SIZE)
ROWS = 3

words = st.lists(st.integers(2, 5), max_size=14) | st.lists(st.integers(2, SIZE - 1), max_size=14)
logits_of_rows = st.lists(
    st.lists(st.floats(-30, 30, width=16) | st.just(-np.inf), min_size=SIZE, max_size=SIZE),
    min_size=ROWS,
    max_size=ROWS,
)


@st.composite
def histories(draw):
    """(read, said) of every row: prompts of any lengths, and equally many tokens generated."""
    count = draw(st.integers(0, 10))
    few = st.lists(st.sampled_from(draw(st.sampled_from([[2, 3], [2, 5, 9], list(range(2, SIZE))]))), min_size=count)
    return [((1, *draw(words)), draw(few)[:count]) for _ in range(ROWS)]


def row_after(history, samplers, names):
    """Processing and leaves of rows that read their prompts and then said their tokens one by one."""
    requests = [Request("", read, sampler, 20) for (read, _), sampler in zip(history, samplers, strict=True)]
    made = [Processing.of(request, names, 0, VOCABULARY) for request in requests]
    processing = Processing(
        made[0].names, max(each.room for each in made), tuple(np.max([each.phrases for each in made], axis=0).tolist())
    )
    row = processing.fresh(requests, VOCABULARY)
    for tokens in np.array([tokens for _, tokens in history], np.int32).T:
        row = {**row, **processing.grown(row, tokens)}
    return processing, row | {"drawn": np.full(ROWS, len(history[0][1]), np.int32)}


def check(history, samplers, logits, names):
    """The scores, which are those of the reference."""
    processing, row = row_after(history, samplers, names)
    found = np.asarray(processing.apply(np.array(logits, np.float32), row))
    for place, ((read, tokens), sampler) in enumerate(zip(history, samplers, strict=True)):
        expected = said.processed(read, tokens, logits[place], sampler, names)
        np.testing.assert_allclose(found[place], expected, rtol=1e-5, atol=1e-4)
    return found


def test_every_processor_has_a_reference_and_a_knob_of_its_name_in_its_order():
    assert list(PROCESSORS) == list(said.REFERENCES)
    assert [name for name in USED_BY["sample"] if name in PROCESSORS] == list(PROCESSORS)
    assert set(USED_BY["greedy"]) < set(USED_BY["sample"])


@pytest.mark.parametrize("name", PROCESSORS)
@settings(max_examples=40, deadline=None)
@given(history=histories(), logits=logits_of_rows, data=st.data())
def test_changes_scores_as_the_reference_does_for_each_row_by_its_own_knobs(name, history, logits, data):
    samplers = [SamplerSettings(**data.draw(said.REFERENCES[name].values)) for _ in range(ROWS)]
    check(history, samplers, logits, {name})


@settings(max_examples=40, deadline=None)
@given(history=histories(), logits=logits_of_rows, data=st.data())
def test_together_they_come_in_their_order(history, logits, data):
    drawn = [{k: v for r in said.REFERENCES.values() for k, v in data.draw(r.values).items()} for _ in range(ROWS)]
    check(history, [SamplerSettings(**knobs) for knobs in drawn], logits, set(PROCESSORS))


@settings(max_examples=20, deadline=None)
@given(history=histories(), logits=logits_of_rows)
def test_off_is_an_exact_identity(history, logits):
    processing, row = row_after(history, [SamplerSettings()] * ROWS, set(PROCESSORS))
    logits = np.array(logits, np.float32)
    np.testing.assert_array_equal(np.asarray(processing.apply(logits, row)), logits)
    own = own_logprobs(logits)[0]
    np.testing.assert_array_equal(np.asarray(processed(logits, own, row, processing)), np.asarray(own))


@given(history=histories())
@settings(max_examples=20, deadline=None)
@example(history=[((1, 2, 2, 2), [2] * 10)] * ROWS)
def test_what_is_read_and_what_is_said_are_remembered_alike(history):
    """But for counts, which are of what was said."""
    samplers = [SamplerSettings(dry_multiplier=1, dry_breakers=("b",))] * ROWS
    names = set(PROCESSORS) - {"frequency_penalty", "presence_penalty"}
    _, one = row_after(history, samplers, names)
    _, other = row_after([((*read, *tokens), []) for read, tokens in history], samplers, names)
    for leaf in ("said", "history", "matches", "unbroken"):
        a, b = (np.asarray(row[leaf])[:, -20:] if leaf != "said" else np.asarray(row[leaf]) for row in (one, other))
        known = 1 if leaf == "said" else np.asarray(one["history"])[:, -20:] >= 0
        np.testing.assert_array_equal(a * known, b * known)


def test_a_long_repetition_costs_a_number():
    history = [((1, *[2] * 60), [2] * 10)] * ROWS
    _, row = row_after(history, [SamplerSettings(dry_multiplier=100, dry_base=10)] * ROWS, {"dry_multiplier"})
    scores = np.asarray(PROCESSORS["dry_multiplier"].apply(np.zeros((ROWS, SIZE), np.float32), row))
    assert np.isfinite(scores).all() and scores[0, 2] < -1e30 and not scores[0, 3:].any()
