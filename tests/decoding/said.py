"""What processors should do, written anew: one token after the other, in float64, by searching all that was said."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from textgen_core.tokenization.pieces import NOTHING

END = 1
NEVER = -float("inf")


class Syllables:
    """A tokenizer whose longest piece wins, with several spellings of the same text."""

    unknown_id = None
    pieces = (*NOTHING, b"a", b"b", b"c", b" ", b"ab", b" a", b" ab", b"\n", b"c\n", b"a")

    @property
    def vocab_size(self):
        return len(self.pieces)

    def encode(self, texts):
        return [self._encode(text.encode()) for text in texts]

    def _encode(self, text):
        if not text:
            return []
        piece = max((piece for piece in self.pieces if piece and text.startswith(piece)), key=len)
        return [self.pieces.index(piece), *self._encode(text[len(piece) :])]

    def decode(self, ids):
        return b"".join(self.pieces[id] for id in ids).decode()


TOKENIZER = Syllables()
VOCAB = TOKENIZER.vocab_size
NAMES = ("a", "b", "ab", " ab", "\n", "id:1", "id:2", "id:4", f"id:{VOCAB}")  # the last is known to the model alone


def named(name):
    number = int(name[3:]) if name.startswith("id:") else None
    return [id for id in range(VOCAB + 1) if id == number or (id < VOCAB and TOKENIZER.pieces[id] == name.encode())]


def logit_bias(read, said, token, logit, sampler):
    return logit + sum(bias for name, bias in sampler.logit_bias.items() if token in named(name))


def repetition_penalty(read, said, token, logit, sampler):
    if token not in [*read, *said]:
        return logit
    return logit / sampler.repetition_penalty if logit > 0 else logit * sampler.repetition_penalty


def frequency_penalty(read, said, token, logit, sampler):
    return logit - sampler.frequency_penalty * said.count(token)


def presence_penalty(read, said, token, logit, sampler):
    return logit - sampler.presence_penalty * (token in said)


def dry(read, said, token, logit, sampler):
    row = [*read, *said]
    breakers = {id for id in range(VOCAB) for text in sampler.dry_breakers if text.encode() in TOKENIZER.pieces[id]}
    longest = None
    for place in [p for p in range(len(row)) if row[p] == token]:
        length = 0
        while length < place and row[place - length - 1] == row[len(row) - length - 1] not in breakers:
            length += 1
        longest = length if longest is None else max(longest, length)
    if longest is None or longest < sampler.dry_allowed_length or token in breakers:
        return logit
    return logit - sampler.dry_multiplier * sampler.dry_base ** (longest - sampler.dry_allowed_length)


def no_repeat_ngram(read, said, token, logit, sampler):
    row, n = [*read, *said], sampler.no_repeat_ngram
    new = [*row, token][-n:]
    held = [row[p : p + n] for p in range(len(row) - n + 1)]
    return NEVER if n and new in held else logit


def banned_phrases(read, said, token, logit, sampler):
    row = [*read, *said, token]
    for text in sampler.banned_phrases:
        ways = [[id] for id in named(text)]
        if not text.startswith("id:"):
            ways += TOKENIZER.encode([text, text if text.startswith(" ") else " " + text])
            ways += [[id] for id in named(" " + text)]
        if any(row[-len(way) :] == way for way in ways):
            return NEVER
    return logit


def min_new_tokens(read, said, token, logit, sampler):
    ends = token == END or any(token in named(name) for name in sampler.stop_tokens)
    return NEVER if ends and len(said) < sampler.min_new_tokens else logit


@dataclass(frozen=True)
class Reference:
    """What the contract of processors knows of one.

    Attributes:
        apply: (tokens read, tokens said, a token, its logit, the sampler) -> its new logit.
        values: settings that may occur.
    """

    apply: Callable[..., Any]
    values: st.SearchStrategy


def knobs(**values):
    return st.fixed_dictionaries(values)


texts = st.lists(st.text("abc \n", min_size=1, max_size=4) | st.sampled_from(NAMES), max_size=3).map(tuple)

REFERENCES = {
    "logit_bias": Reference(
        logit_bias, knobs(logit_bias=st.dictionaries(st.sampled_from(NAMES), st.floats(-9, 9, width=16)))
    ),
    "repetition_penalty": Reference(repetition_penalty, knobs(repetition_penalty=st.floats(0.5, 3))),
    "frequency_penalty": Reference(frequency_penalty, knobs(frequency_penalty=st.floats(-2, 2))),
    "presence_penalty": Reference(presence_penalty, knobs(presence_penalty=st.floats(-2, 2))),
    "dry_multiplier": Reference(
        dry,
        knobs(
            dry_multiplier=st.floats(0, 2),
            dry_base=st.floats(1, 2),
            dry_allowed_length=st.integers(1, 3),
            dry_breakers=st.lists(st.sampled_from(["\n", "b", " a", "zz"]), max_size=2).map(tuple),
        ),
    ),
    "no_repeat_ngram": Reference(no_repeat_ngram, knobs(no_repeat_ngram=st.integers(0, 4))),
    "banned_phrases": Reference(banned_phrases, knobs(banned_phrases=texts)),
    "min_new_tokens": Reference(
        min_new_tokens,
        knobs(
            min_new_tokens=st.integers(0, 9),
            stop_tokens=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
        ),
    ),
}
"""In the order in which they are done."""


def processed(read, said, logits, sampler, names):
    """Logits [vocab] after the processors of these names."""
    read = [token for token in read if token != END]
    for name in [name for name in REFERENCES if name in names]:
        logits = [REFERENCES[name].apply(read, said, token, logit, sampler) for token, logit in enumerate(logits)]
    return logits
