"""The Arrow schemas of what `textgen compare` writes, by the same rules as all others: see schemas.py."""

from __future__ import annotations

import pyarrow as pa

from textgen_core.datasets.columns import column
from textgen_core.datasets.schemas import SCORE_KEYS

JUDGED = pa.schema(
    [
        *SCORE_KEYS,
        column("n_chars", pa.int32(), "characters of the continuation"),
        column("judge_bits", pa.float64(), "bits that it costs the comparison's judge, who has read the prompt"),
    ]
)

STRETCHES = pa.schema(
    [
        column("author", pa.string(), "model for a long continuation, human for what people wrote after prompts"),
        column("seed_id", pa.string(), "the seed whose prompt it follows"),
        column("block", pa.int32(), "0 for the first stretch after the prompt"),
        column("n_chars", pa.int32(), "characters of the stretch"),
        column("bits", pa.float64(), "bits that it costs the model, which has read all before; unknown words spelt"),
        column("judge_bits", pa.float64(), "bits that it costs the judge"),
        column("n_words", pa.int32(), "words and marks in it"),
        column("repeated_words", pa.int32(), "those in a run of four which the text has already had"),
    ]
)


def _of_cell(*more: pa.Field) -> pa.Schema:
    """A schema whose rows belong to a cell of a comparison."""
    return pa.schema(
        [
            column("cell", pa.string(), "name of the cell: variant, level, size and share"),
            column("variant", pa.string(), "name of what learns: a family, or a form of one"),
            column("family", pa.string(), "its family"),
            column("level", pa.string(), "name of the level"),
            column("size", pa.int64(), "weights that were asked for", null="where the grid has no say in it"),
            column("share", pa.float64(), "of the training text, from 0 to 1"),
            *more,
        ]
    )


def _ends(name: str) -> tuple[pa.Field, pa.Field]:
    """The ends of a figure's interval."""
    low = column(f"{name}_low", pa.float64(), "lower end of the 95% bootstrap interval", null="where there is none")
    return low, column(f"{name}_high", pa.float64(), "upper end", null="where there is none")


UNFINISHED = "where the cell failed"

COMPARISON = _of_cell(
    column("failure", pa.string(), "why there is nothing of it", null="where there is"),
    column("failed_stage", pa.string(), "the stage that failed", null="where none did"),
    column("bits_per_char", pa.float64(), "of held-out text, unknown words spelt", null=UNFINISHED),
    *_ends("bits_per_char"),
    column("parameters", pa.int64(), "weights that it has", null=UNFINISHED),
    column("vocab_size", pa.int64(), "different tokens", null=UNFINISHED),
    column("train_characters", pa.int64(), "characters of its training text", null=UNFINISHED),
    column("steps", pa.int64(), "optimizer steps that it made", null=UNFINISHED),
    column("best_step", pa.int64(), "the step whose weights were kept", null=UNFINISHED),
    column(
        "characters_seen", pa.int64(), "characters that it read while it was trained, again and again", null=UNFINISHED
    ),
    column("training_seconds", pa.float64(), "of its training, compiling and validation included", null=UNFINISHED),
    column(
        "characters_per_second",
        pa.float64(),
        "that it wrote in its long continuations, compiling left out",
        null="where compiling took all the time, and where the cell failed",
    ),
    column("weight_bytes", pa.int64(), "of its weights", null=UNFINISHED),
    column(
        "training_bytes",
        pa.int64(),
        "of weights, gradients and optimizer",
        null="where it is counted, and where the cell failed",
    ),
    column("state_bytes", pa.int64(), "of one row's state in a long continuation", null=UNFINISHED),
)

TRADE_OFFS = _of_cell(
    column("temperature", pa.float64(), "of the sampler"),
    column("sampler", pa.string(), "its name in generations"),
    column("texts", pa.int64(), "continuations that were measured"),
    column("judge_bits_per_char", pa.float64(), "bits a character under the judge", null="where all texts are empty"),
    *_ends("judge_bits_per_char"),
    column(
        "diversity",
        pa.float64(),
        "different word pairs over all, among as many pairs of each",
        null="where it has less than half as many as human text",
    ),
    column("diversity_low", pa.float64(), "lower end of the 95% jackknife interval", null="like diversity"),
    column("diversity_high", pa.float64(), "upper end", null="like diversity"),
    column("repetition", pa.float64(), "repeated_4 of metrics", null="where no text has four words"),
    column("copied_share", pa.float64(), "copied_share of metrics", null="where all texts are empty"),
)

POSITIONS = _of_cell(
    column("author", pa.string(), "model for its own long continuations, human for held-out text"),
    column("block", pa.int32(), "0 for the first stretch after the prompt"),
    column("position", pa.float64(), "characters from the prompt to the middle of the stretch, on average"),
    column("texts", pa.int64(), "texts that are so long"),
    column("bits_per_char", pa.float64(), "that the stretches cost the model"),
    *_ends("bits_per_char"),
    column("judge_bits_per_char", pa.float64(), "that they cost the judge"),
    *_ends("judge_bits_per_char"),
    column(
        "repetition",
        pa.float64(),
        "share of words in a run of four which the text has already had",
        null="where there are no words",
    ),
    *_ends("repetition"),
)

VERDICTS = pa.schema(
    [
        column("question", pa.string(), "what people say, as a question"),
        column(
            "answer",
            pa.string(),
            "yes, no, it depends (some of the comparisons surely say yes, others no), or can't be told from this",
        ),
        column(
            "effect",
            pa.float64(),
            "the figure that decides it: the mean of the comparisons that tell anything",
            null="where nothing could be compared, and where it depends",
        ),
        column(
            "low",
            pa.float64(),
            "lowest end of their 95% intervals; of times as fast, the lowest timing over 1.1, for the clock",
            null="where there is none",
        ),
        column(
            "high",
            pa.float64(),
            "highest end; of times as fast, the highest timing times 1.1",
            null="where there is none",
        ),
        column("unit", pa.string(), "what the effect is measured in"),
        column("reason", pa.string(), "the answer in a sentence or two, with the figures of each comparison"),
    ]
)
