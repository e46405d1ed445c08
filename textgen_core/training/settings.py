"""What to train, how, and where the result goes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from textgen_core.datasets.manifest import read_manifest, stage_directory
from textgen_core.models.config import read_config
from textgen_core.models.seq2seq_settings import EncoderDecoderSettings
from textgen_core.models.settings import ModelSettings
from textgen_core.numerics import Device
from textgen_core.settings import OUTSIDE_KEY, Location, Settings
from textgen_core.training.filling import with_preset
from textgen_core.training.presets import COUNTED, Preset

FROM_PRESET: Any = None
"""A field without a value of its own gets the preset's. Settings that were validated never hold it."""


OF_GRADIENTS = (
    *("steps", "optimizer", "learning_rate", "warmup", "final_rate", "weight_decay", "beta2", "clip_norm"),
    *("accumulate", "evaluate_every", "patience", "precision", "replicas", "warm_start"),
)
"""What means nothing to a model that is counted. Saying it all the same is refused: it would have no effect."""


class TrainingOptions(Settings):
    """How a language model learns. The preset fills in whatever is left out."""

    preset: Annotated[Preset, OUTSIDE_KEY] = "small"
    """Starting values for all that is left out: tiny (seconds), demo (2 minutes), small (5 minutes on 2 cores), base (a
    GPU of 24 GB, hours); or finetune, small steps for a warm_start."""

    warm_start: Annotated[Path | None, OUTSIDE_KEY] = None
    """A model directory to go on from: its weights, its architecture, its tokenizer. In a pipeline texts are tokenized
    with that, whatever tokenization says. None: random weights."""

    model: ModelSettings = FROM_PRESET
    """The architecture, unless warm_start brings it. rnn by default: on small corpora and CPUs it learns most in a
    given time."""

    batch_size: Annotated[int, Field(ge=1)] = FROM_PRESET
    """Rows a step, over all replicas together. Of pairs, rows of the whole window: a step takes as many more of shorter
    ones as have no more tokens. Of an n-gram, rows in which its validation loss is read."""

    window: Annotated[int, Field(ge=2)] = FROM_PRESET
    """Tokens a row and step. A Transformer looks no further back while it learns, and so never learns to: let it be as
    long as its context; RNN and CNN carry their state on. Of an encoder-decoder: of either side of a pair at most, half
    of its context by default, which holds both; the ends of longer ones are cut off."""

    steps: Annotated[int, Field(ge=1)] = FROM_PRESET
    """Optimizer steps, at most: early stopping may end it before."""

    optimizer: Literal["adamw", "muon"] = FROM_PRESET
    """How gradients become steps: adamw (Loshchilov & Hutter 2019) goes by each weight's own past; muon (Jordan et al.
    2024) moves a matrix alike in all its directions, and leaves to AdamW what is none between layers: tables, vectors,
    a convolution's taps. Transformers from scratch learn more by muon in the same time."""

    learning_rate: Annotated[float, Field(gt=0.0)] = FROM_PRESET
    """The highest rate, reached after the warmup. A preset's suits its optimizer; with the other one it is converted,
    AdamW's being 0.3 of muon's."""

    warmup: Annotated[int, Field(ge=0)] = FROM_PRESET
    """Steps over which the rate rises from zero. Of a preset's, a quarter of the steps at most."""

    final_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.05
    """Share of the highest rate at which the cosine ends. 0.05: going on to zero gains nothing measurable and would
    waste the last steps."""

    weight_decay: Annotated[float, Field(ge=0.0)] = FROM_PRESET
    """Decoupled decay of matrices; vectors, biases and embeddings are left alone."""

    beta2: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.99
    """Memory of AdamW's second moment. 0.99 rather than 0.999: short trainings change faster than that forgets."""

    clip_norm: Annotated[float, Field(gt=0.0)] = 1.0
    """The gradient's norm over all weights is cut to this. 1.0 touches only the outliers of a healthy training."""

    accumulate: Annotated[int, Field(ge=1)] = 1
    """Parts in which a batch is computed, one after the other, where memory holds no more. The step is the same one."""

    evaluate_every: Annotated[int, Field(ge=1)] = FROM_PRESET
    """Steps between evaluations on the validation split."""

    evaluate_tokens: Annotated[int, Field(ge=1)] = 100_000
    """Validation tokens read at each, the same ones every time. 100,000 bound the loss to about 1% and take seconds."""

    patience: Annotated[int, Field(ge=1)] | None = 5
    """Evaluations without improvement after which training stops. None: never. The best weights are kept either way."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """What initial weights, dropout and the order of the data are drawn from; another number gives another model."""

    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """bfloat16 computes in half precision and keeps weights in full. auto: bfloat16 on a GPU, float32 on a CPU."""

    replicas: Annotated[int, Field(ge=1)] = 1
    """Devices that share each batch (MirroredStrategy). Must divide batch_size."""

    device: Annotated[Device, OUTSIDE_KEY] = "auto"
    """auto takes a GPU where there is one. The kind of device enters the run key, as numerics."""

    samples: Annotated[int, Field(ge=0, le=64)] = 3
    """Continuations that the model card shows: of the empty prompt, or of held-out sources. 3: enough to see what the
    model has learned. Preset tiny makes none, which would take longer than its training."""

    checkpoint_every: Annotated[float, Field(ge=0.0), OUTSIDE_KEY] = 30.0
    """Seconds between checkpoints: the most that a kill can cost. 0: at every step."""

    @property
    def counted(self) -> bool:
        """Whether the model is counted in one pass instead of trained by gradients."""
        return self.model.family == "ngram"

    @property
    def reads_source(self) -> bool:
        """Whether the model is an encoder-decoder, which learns from pairs alone."""
        return isinstance(self.model, EncoderDecoderSettings)

    @property
    def closing_steps(self) -> int:
        """The last steps, over which the final training loss is the mean: one batch says little, all say too much."""
        return min(self.steps, self.evaluate_every, max(10, self.steps // 10))

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, values: Any) -> Any:
        return with_preset(values, _start(values)) if isinstance(values, dict) else values

    @model_validator(mode="after")
    def _fits_together(self) -> TrainingOptions:
        if self.batch_size % (self.replicas * self.accumulate):
            raise ValueError(f"replicas x accumulate ({self.replicas * self.accumulate}) must divide batch_size")
        context = getattr(self.model, "context", self.window)
        if self.window > context:
            raise ValueError(f"window ({self.window}) must not exceed the model's context ({context})")
        return self

    @model_validator(mode="after")
    def _means_something(self) -> TrainingOptions:
        fields = type(self).model_fields
        for name in OF_GRADIENTS if self.counted else ():
            if name in fields and getattr(self, name) != COUNTED.get(name, fields[name].default):
                raise ValueError(f"{name} means nothing to an n-gram model, which is counted in one pass: leave it out")
        return self


class TrainingSettings(TrainingOptions):
    """A whole training job."""

    tokens: Location
    """A directory made by ``tokenize``."""

    output: Location
    """Where the model goes."""


def _start(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The architecture of the model that is to go on learning, as plain values; None where a whole one is given.

    Raises:
        DatasetError: warm_start is no model directory.
    """
    warm, model = values.get("warm_start"), values.get("model")
    counted = isinstance(model, Mapping) and model.get("family") == "ngram"
    if counted or not isinstance(warm, (str, Path)) or isinstance(model, Settings):
        return None
    home = stage_directory(Path(warm))
    read_manifest(home)  # says what to do about it where there is none
    return read_config(home).model.model_dump()
