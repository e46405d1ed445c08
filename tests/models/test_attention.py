import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.models.attention import attend, attend_cached, softmax, write
from textgen_core.models.backend import compiled
from textgen_core.models.positions import rotate


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@settings(max_examples=20, deadline=None)
@given(shift=st.integers(0, 500), seed=st.integers(0, 99))
def test_rotary_scores_depend_on_distance_alone(shift, seed):
    q, k = normal(seed, 1, 1, 6, 8), normal(seed + 1, 1, 1, 6, 8)

    def scores(first):
        positions = np.arange(first, first + 6)[None]
        return np.asarray(rotate(q, positions)) @ np.asarray(rotate(k, positions)).swapaxes(2, 3)

    np.testing.assert_allclose(scores(shift), scores(0), atol=2e-3)


def test_rotation_keeps_lengths_and_moves_all_but_position_zero():
    x = normal(0, 2, 3, 5, 8)
    turned = np.asarray(rotate(x, np.arange(5)[None]))
    np.testing.assert_allclose(np.linalg.norm(turned, axis=-1), np.linalg.norm(x, axis=-1), rtol=1e-5)
    np.testing.assert_array_equal(turned[:, :, 0], x[:, :, 0])
    assert not np.allclose(turned[:, :, 1:], x[:, :, 1:], atol=1e-2)


def test_what_is_masked_has_no_weight_at_all():
    q, k, v = normal(1, 2, 2, 3, 4), normal(2, 2, 2, 5, 4), normal(3, 2, 2, 5, 4)
    mask = np.arange(5) < 3
    loud = v.copy()
    loud[:, :, 3:] = 1e30
    np.testing.assert_array_equal(attend(q, k, loud, mask), attend(q, k, v, mask))
    np.testing.assert_allclose(attend(q, k, v, mask), attend(q, k[:, :, :3], v[:, :, :3], np.ones(3, bool)), rtol=1e-5)


def plain_softmax(scores, mask):
    shown = tf.where(mask, tf.exp(scores), 0.0)
    return shown / tf.reduce_sum(shown, axis=-1, keepdims=True)


@pytest.mark.parametrize("shape", [(3, 2, 4, 5), (2, 1, 1, 1)])
def test_its_softmax_and_the_gradient_by_hand_are_the_automatic_ones(shape):
    scores, wanted = tf.constant(normal(1, *shape)), normal(2, *shape)
    mask = np.arange(shape[-1]) <= np.arange(shape[-2])[:, None]
    found = []
    for function in (softmax, plain_softmax):
        with tf.GradientTape() as tape:
            tape.watch(scores)
            weights = function(scores, mask)
            loss = tf.reduce_sum(weights * wanted)
        found.append((weights, tape.gradient(loss, scores)))
    for own, plain in zip(*found, strict=True):
        np.testing.assert_allclose(own, plain, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=4), st.integers(1, 3))
def test_a_write_changes_each_rows_own_position_alone(positions, heads):
    rows = len(positions)
    cache, new = normal(0, rows, heads, 7, 2), normal(1, rows, heads, 1, 2)
    expected = cache.copy()
    for row, position in enumerate(positions):
        expected[row, :, position] = new[row, :, 0]
    np.testing.assert_array_equal(write(cache, new, np.array(positions, "int32")), expected)


@pytest.mark.parametrize(("heads", "groups"), [(3, 3), (4, 2), (6, 2), (8, 1)])
def test_cached_attention_is_attention_and_its_bits_do_not_depend_on_the_size_of_the_cache(heads, groups):
    q, k, v = normal(4, 64, heads, 1, 64), normal(5, 64, groups, 512, 64), normal(6, 64, groups, 512, 64)
    lengths = np.random.default_rng(7).integers(1, 65, 64).astype("int32")
    run = compiled(attend_cached)
    found = [np.asarray(run(q, k[:, :, :m], v[:, :, :m], lengths)) for m in (64, 128, 320, 512)]
    seen = (np.arange(64) < lengths[:, None])[:, None, None]
    np.testing.assert_allclose(found[0], attend(q, k[:, :, :64], v[:, :, :64], seen), atol=1e-5)
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])


def test_heads_that_share_keys_attend_as_if_each_had_a_copy():
    q, k, v = normal(8, 2, 6, 5, 4), normal(9, 2, 2, 5, 4), normal(10, 2, 2, 5, 4)
    mask = np.tri(5, dtype=bool)
    np.testing.assert_allclose(attend(q, k, v, mask), attend(q, k.repeat(3, 1), v.repeat(3, 1), mask), atol=1e-6)


def test_cached_attention_in_half_precision_is_nearly_the_same():
    q, k, v = (normal(seed, 64, 2, m, 16) for seed, m in ((11, 1), (12, 128), (13, 128)))
    lengths = np.full(64, 100, "int32")
    half = attend_cached(*(keras.ops.cast(x, "bfloat16") for x in (q, k, v)), lengths)
    assert half.dtype == "bfloat16"
    np.testing.assert_allclose(keras.ops.cast(half, "float32"), attend_cached(q, k, v, lengths), atol=0.05)
