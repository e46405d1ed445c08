"""The same weights, prompts and logits as Hugging Face transformers: the same tokens, scores and filters.

transformers has an environment of its own, whose Python $PEERS_PYTHON names (see CONTRIBUTING.md).
"""

import itertools
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.decoding.letters import Letters
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.processing import Processing
from textgen_core.decoding.processors import PROCESSORS
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.truncations import TRUNCATIONS
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.huggingface.config import read_config
from textgen_core.huggingface.reading import read_tensors
from textgen_core.huggingface.tensors import to_ours
from textgen_core.models.directory import load_model
from textgen_core.models.files import write_model
from textgen_core.models.settings import Architecture

PEERS_PYTHON = os.environ.get("PEERS_PYTHON")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PEERS_PYTHON, reason="PEERS_PYTHON names no Python with transformers (see CONTRIBUTING.md)"),
]

END, VOCAB, NEW, BEAMS = 1, 32, 24, 4
SHAPE = {"n_layer": 2, "n_embd": 32, "n_head": 2, "n_positions": 64, "vocab_size": VOCAB - 1}
RULES = {"exact": "never", "heuristic": False, "full": True}
"""What transformers calls the rules of early stopping."""
PENALTIES = (0.0, 0.5, 1.0, 2.0)
SEARCHES = list(itertools.product(RULES, PENALTIES))

FILTERS = [
    ("temperature", 0.6),
    ("temperature", 1.7),
    ("top_k", 1),
    ("top_k", 7),
    ("top_p", 0.4),
    ("top_p", 0.93),
    ("min_p", 0.02),
    ("min_p", 0.4),
    ("typical_p", 0.3),
    ("typical_p", 0.95),
    ("epsilon_cutoff", 0.001),
    ("epsilon_cutoff", 0.05),
    ("eta_cutoff", 0.001),
    ("eta_cutoff", 0.3),
    ("top_h", 0.4),
    ("repetition_penalty", 1.3),
    ("repetition_penalty", 0.7),
    ("no_repeat_ngram", 1),
    ("no_repeat_ngram", 2),
    ("no_repeat_ngram", 3),
    ("min_new_tokens", 2),
    ("min_new_tokens", 9),
]

rng = np.random.default_rng(0)
PROMPTS = [[END, *rng.integers(2, VOCAB, length).tolist()] for length in (1, 2, 5, 9, 15, 16, 17, 20) for _ in range(2)]
SAID = rng.integers(2, 8, (24, 12)).tolist()
LOGITS = np.float32(rng.normal(size=(24, VOCAB)) * np.repeat([0.3, 2, 6], 8)[:, None])


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    """The folder of all that transformers answered."""
    folder = tmp_path_factory.mktemp("huggingface")
    common = {"max_new_tokens": NEW}
    beams = {"num_beams": BEAMS, "num_return_sequences": BEAMS}
    searches = [common, *(common | beams | {"early_stopping": RULES[r], "length_penalty": p} for r, p in SEARCHES)]
    given = {"shape": SHAPE, "prompts": PROMPTS, "searches": searches, "said": SAID, "filters": FILTERS}
    (folder / "given.json").write_text(json.dumps(given))
    np.save(folder / "logits.npy", LOGITS)
    script = Path(__file__).with_name("huggingface.py")
    done = subprocess.run([PEERS_PYTHON, str(script), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def imported(theirs, ours):
    """Their model as ours. It has no tokenizer: every id is one higher."""
    config, settings = read_config(theirs)
    weights = to_ours(read_tensors(theirs, settings, config.vocab_size), settings, range(VOCAB - 1))
    ours.mkdir()
    write_model(Architecture(vocab_size=VOCAB, model=settings), weights, ours)
    return load_model(ours)


@pytest.fixture(scope="module")
def answers(peer):
    """(transformers' answers, ours) by search, each a list by prompt of tokens and, of beams, scores."""
    theirs = json.loads((peer / "answers.json").read_text())
    model = imported(peer / "model", peer / "ours")
    samplers = [SamplerSettings(strategy="greedy")] + [
        SamplerSettings(strategy="beam", beams=BEAMS, n_best=BEAMS, early_stopping=rule, length_penalty=penalty)
        for rule, penalty in SEARCHES
    ]
    ours = [[{"tokens": [], "scores": []} for _ in PROMPTS] for _ in samplers]
    engine = Engine(model, Letters(VOCAB - 2), samplers, lanes=1)
    requests = (
        Request(str(prompt), tuple(tokens), sampler, NEW, tag=(search, prompt))
        for prompt, tokens in enumerate(PROMPTS)
        for search, sampler in enumerate(samplers)
    )
    for found in engine.run(requests):
        search, prompt = found.request.tag
        tokens = [*found.tokens, *([END] if found.finish_reason == "end" else [])]
        ours[search][prompt]["tokens"].append(tokens)
        ours[search][prompt]["scores"].append(found.logprob / len(tokens) ** found.request.sampler.length_penalty)
    return theirs, ours


def test_greedy_tokens_are_the_same(answers):
    theirs, ours = answers
    assert [each["tokens"] for each in ours[0]] == [each["tokens"] for each in theirs[0]]
    assert any(each["tokens"][0][-1] == END for each in ours[0])
    assert max(len(each["tokens"][0]) for each in ours[0]) > 3


def test_theirs_are_often_all_the_same_as_ours(answers):
    equal = [
        our["tokens"] == their["tokens"]
        for pair in zip(*answers, strict=True)
        for their, our in zip(*pair, strict=True)
    ]
    assert sum(equal[len(PROMPTS) :]) > 2 * len(PROMPTS)


@pytest.mark.parametrize("search", range(len(SEARCHES)), ids=lambda i: f"{SEARCHES[i][0]}-{SEARCHES[i][1]}")
def test_no_beam_is_worse_than_theirs_and_where_theirs_lost_none_they_are_the_same(answers, search):
    """transformers looks at endings only where they are among the likeliest continuations of a step, so that it may
    lose one of its n best; ours looks at all. Where every one of ours is among theirs, all are the same."""
    for their, our in zip(answers[0][search + 1], answers[1][search + 1], strict=True):
        np.testing.assert_array_less(np.array(their["scores"]) - 1e-4, our["scores"])
        if {*map(tuple, our["tokens"])} <= {*map(tuple, their["tokens"])}:
            assert our["tokens"] == their["tokens"]
            np.testing.assert_allclose(our["scores"], their["scores"], rtol=1e-4, atol=1e-4)
        else:  # each of theirs that ours has not is worse than all of ours
            others = [s for t, s in zip(their["tokens"], their["scores"], strict=True) if t not in our["tokens"]]
            assert max(others) < min(our["scores"]) + 1e-4


def ours_of(name, knob):
    """Scores [24, vocab] after one of our truncations or processors."""
    if name in TRUNCATIONS:
        return np.asarray(TRUNCATIONS[name].apply(LOGITS, np.full(len(LOGITS), knob, TRUNCATIONS[name].dtype)))
    vocabulary = Vocabulary(Letters(VOCAB - 2), VOCAB)
    sampler = SamplerSettings(**{name: knob})
    requests = [Request("", (END, *said), sampler, 8) for said in SAID]
    processing = Processing.of(requests[0], {name}, 64, vocabulary)
    row = processing.fresh(requests, vocabulary) | {"drawn": np.full(len(SAID), 3, np.int32)}
    return np.asarray(PROCESSORS[name].apply(LOGITS, row))


@pytest.mark.parametrize("place", range(len(FILTERS)), ids=lambda i: f"{FILTERS[i][0]}-{FILTERS[i][1]}")
def test_filters_are_the_same(peer, place):
    """Top-H alone differs: transformers bounds another sum than the paper's algorithm, which ours is."""
    name, knob = FILTERS[place]
    theirs, ours = np.load(peer / "filtered.npz")[str(place)], ours_of(name, knob)
    if name == "top_h":
        assert ((theirs > -np.inf) != (ours > -np.inf)).any()
        return
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
    assert (theirs != LOGITS).any() or name == "min_new_tokens"
