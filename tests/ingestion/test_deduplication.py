"""Exact duplicates: the first stays; the set agrees with Python's and is small."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textgen_core.ingestion.deduplication import HashSet

LARGEST = 2**64 - 1
halves = st.sampled_from([0, 1, 8, 1 << 32, (1 << 32) + 1, 1 << 63, LARGEST]) | st.integers(0, LARGEST)
# bits below the 96 kept are left zero, so that a Python set is the oracle
hashes = st.tuples(halves.map(lambda high: max(high, 1)), halves.map(lambda low: low >> 32 << 32))


@given(st.lists(st.lists(hashes, max_size=30), max_size=6))
def test_agrees_with_a_set(batches):
    ours, oracle = HashSet(), set()
    for batch in batches:
        new = ours.add(np.array(batch, np.uint64).reshape(-1, 2))
        for value, is_new in zip(batch, new, strict=True):
            assert is_new == (value not in oracle)
            oracle.add(value)
    assert len(ours) == len(oracle)
    assert ours.contains(np.array(sorted(oracle), np.uint64).reshape(-1, 2)).all()


def test_grows_past_its_first_slots_within_24_bytes_a_hash():
    ours, random = HashSet(), np.random.default_rng(0)
    for _ in range(30):
        batch = random.integers(0, LARGEST, (20_000, 2), dtype=np.uint64)
        assert ours.add(batch).all()
        assert not ours.add(batch).any()
        assert ours.nbytes <= 24.5 * len(ours) + (4 << 20)
    assert len(ours) == 600_000


def test_the_first_occurrence_stays(ingested):
    result = ingested({"b.txt": "two\n\none", "a.txt": "one\n\none\n\nthree"})
    assert [(row["source"][-5:], row["source_row"], row["text"]) for row in result.documents] == [
        ("a.txt", 0, "one"),
        ("a.txt", 2, "three"),
        ("b.txt", 0, "two"),
    ]
    assert [(row["source"][-5:], row["source_row"]) for row in result.duplicates] == [("a.txt", 1), ("b.txt", 1)]
    kept = {row["content_hash"] for row in result.documents}
    assert all(row["content_hash"] in kept for row in result.duplicates)


def test_can_be_switched_off(ingested):
    assert ingested({"a.txt": "one\n\none"}, deduplicate=False).texts == ["one", "one"]
