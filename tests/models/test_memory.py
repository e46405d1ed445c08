"""Memory that tensors have left is there for the next ones."""

import resource

import textgen_core.models.backend  # noqa: F401  (TensorFlow, as this project sets it up)

import tensorflow as tf  # isort: skip


@tf.function(jit_compile=True)
def total(x):
    """Of a product of 64 MB that is nowhere else."""
    return tf.reduce_sum(tf.tanh(tf.matmul(x, x, transpose_b=True)))


def pages_taken(times):
    """Pages that the system had to bring while so many products came and went."""
    x = tf.ones((4096, 8))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        assert float(total(x)) == 2**24
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_the_system_is_asked_for_memory_once():
    pages_taken(2)
    one = (64 << 20) // resource.getpagesize()
    assert pages_taken(10) < one, "not even one of the ten came anew"
