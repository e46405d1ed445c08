"""A sampler's own order of truncations, in one engine with samplers that have none."""

import numpy as np

from tests.decoding.letters import Letters, markov
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import SamplerSettings


def test_a_samplers_order_holds_for_its_rows_and_for_no_others():
    """A temperature of 4 that comes first leaves min-p nearly everything to keep, one that comes last very little."""
    late = SamplerSettings(temperature=4, min_p=0.5, order="min_p temperature")
    samplers = {"early": SamplerSettings(temperature=4, min_p=0.5), "late": late, "plain": SamplerSettings()}
    requests = [Request(str(i), (1, 2), s, 12, tag=name) for i in range(64) for name, s in samplers.items()]
    engine = Engine(markov(12), Letters(10), samplers.values(), lanes=1)
    found = {(c.request.tag, c.request.key): c for c in engine.run(requests)}
    assert engine.programs.count == 5  # prefilling; admitting and advancing for each order
    score = {name: np.mean([found[name, str(i)].logprob for i in range(64)]) for name in samplers}
    assert score["late"] > score["early"]
    alone = Engine(markov(12), Letters(10), [late], lanes=1)
    for request in requests:
        if request.tag == "late":
            assert next(alone.run([request])) == found["late", request.key]
