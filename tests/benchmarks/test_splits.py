"""What quality is measured on is frozen: no figure can be moved by another split, another vocabulary or less text."""

import hashlib

import pytest

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
    ],
)
def test_splits_and_vocabularies_are_frozen(corpus, source, tokens_of, tmp_path):
    if not (DATA / source).exists():
        pytest.skip(reason=f"{DATA / source} is not there")
    assert frozen(tokens_of(tmp_path / corpus), tmp_path) == EXPECTED[corpus]
