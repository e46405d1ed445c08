"""The seam to the backend: scans, compiling and devices."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import keras
import tensorflow as tf
from tensorflow.compiler.tf2xla.python import xla
from tensorflow.compiler.xla.xla_data_pb2 import DotDimensionNumbers

from textgen_core.errors import INSTALL, SettingsError
from textgen_core.numerics import Device, resolve_device

# TensorFlow counts the traces of a function by its code. Programs of one code and several shapes, each traced once,
# look to it like one that is traced again and again.
logging.getLogger("tensorflow").addFilter(lambda record: "triggered tf.function retracing" not in record.getMessage())

Body = Callable[[tuple[Any, ...], tuple[Any, ...]], tuple[tuple[Any, ...], tuple[Any, ...]]]


def scan(
    body: Body, carry: tuple[Any, ...], inputs: Sequence[Any], widths: Sequence[int], reverse: bool = False
) -> tuple[tuple[Any, ...], list[Any]]:
    """Run body(carry, slices) -> (carry, outputs) along the first axis of the inputs [t, b, ..].

    No gradient flows through: callers bring their own, for automatic ones keep every intermediate of every step.
    ``keras.ops.scan`` can't be used: on this backend its outputs must have the shapes of its carry.

    Args:
        widths: last dimension of each output [t, b, width].
        reverse: from the last slice to the first; outputs keep the order of the inputs.
    """
    length = tf.shape(inputs[0])[0]
    dtype, rows = inputs[0].dtype, inputs[0].shape[1]
    sources = [tf.TensorArray(x.dtype, length, element_shape=x.shape[1:]).unstack(x) for x in inputs]
    sinks = [tf.TensorArray(dtype, length, element_shape=(rows, width)) for width in widths]

    def advance(k: Any, carry: tuple[Any, ...], sinks: list[Any]) -> tuple[Any, tuple[Any, ...], list[Any]]:
        t = length - 1 - k if reverse else k
        carry, outputs = body(carry, tuple(source.read(t) for source in sources))
        return k + 1, carry, [sink.write(t, output) for sink, output in zip(sinks, outputs, strict=True)]

    _, carry, sinks = tf.while_loop(
        lambda k, *_: k < length, advance, (tf.constant(0), carry, sinks), maximum_iterations=length
    )
    outputs = [sink.stack() for sink in sinks]
    for output in outputs:
        output.set_shape((inputs[0].shape[0], *output.shape[1:]))  # a stack does not know how long it is
    return carry, outputs


def reversed_rows(x: Any, lengths: Any) -> Any:
    """x [t, n, ..] with the first lengths [n] positions of each row in the opposite order; the rest stays."""
    return tf.reverse_sequence(x, lengths, seq_axis=0, batch_axis=1)


def softmax_of(x: Any) -> Any:
    """Softmax over the last axis, in one operation. Keras' own warns about an axis of one."""
    return tf.nn.softmax(x)


def compiled(function: Callable[..., Any], xla: bool = True) -> Callable[..., Any]:
    """The function as one graph, through XLA or not. Traced anew for every new shape."""
    program: Callable[..., Any] = tf.function(function, jit_compile=xla, autograph=False)
    return program


def variable(value: Any) -> Any:
    """A tensor that programs read where it lies."""
    return tf.Variable(value, trainable=False)


def half_product(matrix: Any, columns: Any) -> Any:
    """Products float32 [m, n] of a matrix bfloat16 [m, k] with columns float32 [k, n], rounded to bfloat16. Sums are
    float32. Only XLA has it.

    XLA multiplies in bfloat16 if it finds both factors stored by rows: a reshape makes that of columns which a
    transpose gave, and barriers keep it from turning the product around.
    """
    k, n = columns.shape
    (columns,) = xla.optimization_barrier(tf.reshape(tf.reshape(columns, (k * n,)), (k, n)))
    numbers = DotDimensionNumbers(lhs_contracting_dimensions=[1], rhs_contracting_dimensions=[0])
    products = xla.dot_general(matrix, tf.cast(columns, tf.bfloat16), numbers, preferred_element_type=tf.float32)
    (products,) = xla.optimization_barrier(products)
    return products


def prepare_device(device: Device) -> str:
    """Choose the device for all that follows: ``cpu`` or ``gpu``.

    Raises:
        SettingsError: a GPU was asked for and there is none that TensorFlow can use.
    """
    kind = resolve_device(device)
    gpus = tf.config.list_physical_devices("GPU")
    if kind == "gpu" and not gpus:
        raise SettingsError(
            "device gpu needs a GPU that TensorFlow can use",
            "none" if device == "gpu" else "none, where auto found one",
            f"Install the gpu extra ({INSTALL} -e '.[gpu]'), or set device to cpu",
        )
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)  # leaves memory to other processes on the same card
    return kind


def placement(kind: str, replicas: int = 1) -> Any:
    """The distribution strategy: one device of the kind, or a mirror on each of several.

    Raises:
        SettingsError: there are fewer devices than replicas.
    """
    names = [device.name for device in tf.config.list_logical_devices(kind.upper())]
    if replicas > len(names):
        raise SettingsError("each replica needs a device of its own", f"{replicas} replicas, {len(names)} {kind}")
    if replicas == 1:
        return tf.distribute.OneDeviceStrategy(names[0])
    # Not the default: its collectives number their calls a process, so a second training in it would not agree.
    reduction = tf.distribute.NcclAllReduce() if kind == "gpu" else tf.distribute.ReductionToOneDevice()
    return tf.distribute.MirroredStrategy(names[:replicas], cross_device_ops=reduction)


def on_device(kind: str) -> AbstractContextManager[Any]:
    """A block whose tensors and variables live on the first device of the kind."""
    block: AbstractContextManager[Any] = keras.device(f"{kind}:0")
    return block


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """A block in which Keras draws initial weights and dropout seeds from seed.

    Keras takes unset seeds from Python's generator, whose state is put back afterwards.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
