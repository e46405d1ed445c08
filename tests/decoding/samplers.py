"""A sampler of each kind, for engines that run several at once."""

from textgen_core.decoding.settings import SamplerSettings

SAMPLERS = {
    "greedy": SamplerSettings(strategy="greedy"),
    "cold": SamplerSettings(temperature=0),
    "plain": SamplerSettings(),
    "all": SamplerSettings(temperature=0.8, top_k=6, top_p=0.9, min_p=0.02, xtc_threshold=0.2),
    "beam": SamplerSettings(strategy="beam", beams=4, n_best=2),
    "wide": SamplerSettings(strategy="beam", beams=5, n_best=5, length_penalty=0.5),
    "distinct": SamplerSettings(strategy="stochastic_beam", beams=3, temperature=1.2, top_k=9),
}
PROCESSED = {
    "tired": SamplerSettings(repetition_penalty=1.3, frequency_penalty=0.2, presence_penalty=0.1, min_new_tokens=3),
    "dry": SamplerSettings(
        strategy="greedy", dry_multiplier=0.8, dry_breakers=("b", "cd"), logit_bias={"a": 1, "id:4": -1}
    ),
    "new": SamplerSettings(temperature=0.8, no_repeat_ngram=3, stop_tokens=("h",), banned_phrases=("ab", "cde", "f")),
    "loops": SamplerSettings(top_k=2, temperature=0.3, loop_length=5, loop_repeats=2),
    "new beam": SamplerSettings(
        strategy="beam", beams=4, n_best=2, no_repeat_ngram=2, min_new_tokens=4, banned_phrases=("ab", "d")
    ),
    "new distinct": SamplerSettings(
        strategy="stochastic_beam", beams=3, no_repeat_ngram=2, presence_penalty=0.5, logit_bias={"a": 1}
    ),
}
MANY = SAMPLERS | {
    "late": SamplerSettings(temperature=1.5, top_n_sigma=2.5, min_p=0.05, order="min_p top_n_sigma temperature"),
    "typical": SamplerSettings(typical_p=0.95, epsilon_cutoff=0.01, eta_cutoff=0.02),
    "bounded": SamplerSettings(top_h=0.9, xtc_threshold=0.1, xtc_probability=0.2),
}
"""With those that take long to compile."""
EVERY = MANY | PROCESSED
