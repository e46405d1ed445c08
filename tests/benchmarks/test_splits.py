"""What quality and speed are measured on is frozen: no figure can be moved by another split, another vocabulary, less
text or a smaller task."""

import hashlib

import pytest

from benchmarks import levels, sequences, training
from benchmarks._corpora import DATA, characters_of, streams_of, words_of
from textgen_core.datasets.manifest import read_manifest

EXPECTED = {
    "tinyshakespeare": {
        "train": (1_003_855, "2ce01916a52f344f0e18b0c881bdebd66a6986ddde27940fc8300e4dfe612a68"),
        "validation": (111_541, "dc51d3021b9631c03cefa82ecf5a8a64fc12137863b77f9828200d5cc8cf0168"),
        "vocabulary": 68,
        "unknown": 0,
        "spelling": 0,
    },
    "wikitext2": {
        "train": (256_589, "12955b2f6cb5c1f542469efea76972d602300abe65de9a1f45bac4f86fdf45ff"),
        "validation": (307_121, "18ebc9311b24039f39cabc009964edb0c725890f40eb0c002ecfc1638477a95c"),
        "vocabulary": 9_191,
        "unknown": 18_734,
        "spelling": 571_883,
    },
    "wikitext2 pairs": {
        "train": (505_606, "9197ce9166e3705253a6a9bf8e734f8df38f88e03434bf815a23fd38820fdea2"),
        "validation": (601_122, "c61d74096857cb236ab90f75edf8f0d752d760e4c6e9bbb94054f4211aacb460"),
        "vocabulary": 14_413,
        "unknown": 25_032,
        "spelling": 829_991,
    },
}
"""Of each split the tokens, ends included, and the digest of their ids; the size of the vocabulary; of the held-out
text the tokens that it lacks, and the bits that spelling them is charged with. tinyshakespeare is split as nanoGPT
splits it."""


def frozen(tokens, folder):
    facts = read_manifest(tokens).facts
    streams = {
        split: (len(ids), hashlib.sha256(ids.astype("<u4").tobytes()).hexdigest())
        for split, ids in streams_of(tokens, folder).items()
    }
    return {
        **streams,
        "vocabulary": facts["vocab_size"],
        "unknown": facts["unknown_validation"],
        "spelling": round(facts["spelling_bits_validation"]),
    }


@pytest.mark.parametrize(
    ("corpus", "source", "tokens_of"),
    [
        ("tinyshakespeare", "tinyshakespeare.txt", lambda folder: characters_of(DATA / "tinyshakespeare.txt", folder)),
        ("wikitext2", "wikitext2/valid.txt", words_of),
        ("wikitext2 pairs", "wikitext2/valid.txt", lambda folder: words_of(folder, pairs={"kind": "sentences"})),
    ],
)
def test_splits_and_vocabularies_are_frozen(corpus, source, tokens_of, tmp_path):
    if not (DATA / source).exists():
        pytest.skip(reason=f"{DATA / source} is not there")
    assert frozen(tokens_of(tmp_path / corpus), tmp_path) == EXPECTED[corpus]


def test_tasks_are_frozen():
    assert {level: (own["kind"], own.get("vocab_size")) for level, own in levels.LEVELS.items()} == {
        "char": ("char", None),
        "byte": ("byte", None),
        "subword": ("subword", 2000),
        "word": ("word", 8000),
    }
    assert levels.WEIGHTS == 1_200_000
    assert (len(sequences.LETTERS), sequences.HELD_OUT, [*sequences.TASKS]) == (16, 500, ["copy", "reverse", "sort"])
    shapes = {name: (case.rows, case.window) for name, case in training.CASES.items()}
    assert shapes == {
        "lstm": (64, 128),
        "gru": (64, 128),
        "cnn": (32, 64),
        "transformer": (16, 128),
        "seq2seq-rnn": (32, 64),
        "seq2seq-cnn": (16, 64),
        "seq2seq-transformer": (16, 64),
    }
    lstm = training.CASES["lstm"].settings
    assert (lstm.cell, lstm.layers, lstm.units) == ("lstm", 2, 512)
