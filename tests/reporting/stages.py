"""Finished stage directories as every stage would leave them, without running any: small, and hostile on request."""

import pyarrow as pa

from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import DOCUMENTS, GENERATIONS, HISTORY, METRICS, REJECTS, SCORE_KEYS
from textgen_core.datasets.stage import run_stage, write_file
from textgen_core.models.config import MODEL_FILES
from textgen_core.reporting.settings import ModelRun, ReportingSettings

SAMPLERS = ("greedy", "top-k", "top-p")
TOLD = {"loop": 0.25, "copied_chars": 12.0, "mean_logprob": -0.5}
SCORES = pa.schema([*SCORE_KEYS, *((name, pa.float64()) for name in TOLD)])


def stage(directory, name, facts, files=(), inputs=None, **datasets):
    """Commit a directory of empty files and of datasets, which are (schema, rows) pairs."""

    def body(partial):
        for dataset, (schema, rows) in datasets.items():
            with PartWriter(partial / dataset / "part-00000.parquet", schema) as part:
                part.write(rows)
        for file in files:
            write_file(partial / file, b"")
        return facts

    settings = {"name": name}
    key = RunKey(stage=name, code_version=1, schema_version=1, settings=settings, inputs=inputs or {}, numerics={})
    run_stage(key, directory, body)
    return directory


def corpus(directory, message="can't be decoded", documents=90, rows=()):
    reject = {"source": "a.txt", "source_row": 7, "stage": "ingestion", "code": "undecodable", "raw": b"\xff"}
    reject["message"] = message
    facts = {"documents": documents, "rejects": 1, "duplicates": 2}
    return stage(directory, "ingestion", facts, documents=(DOCUMENTS, list(rows)), rejects=(REJECTS, [reject]))


def generations(directory, seeds, text, prompt):
    rows = [
        {
            "seed_id": f"seed-{seed}",
            "sample_index": index,
            "sampler": sampler,
            "prompt": f"{prompt} {seed}",
            "text": f"{text} {sampler} {seed} {index}",
            "token_ids": [2, 3],
            "n_tokens": 2,
            "logprob": -1.5,
            "finish_reason": "length",
            "prompt_cut": False,
            "model_id": "0123456789ab",
            "topic": f"topic {seed % 2}",
        }
        for seed in range(seeds)
        for sampler in SAMPLERS
        for index in range(2)
    ]
    schema = pa.schema([*GENERATIONS, ("topic", pa.string())])
    return stage(directory, "generation", {"samples": len(rows)}, generations=(schema, rows), rejects=(REJECTS, []))


def evaluation(directory, seeds, bits):
    scores = [
        {"seed_id": f"seed-{seed}", "sample_index": index, "sampler": sampler, **TOLD}
        for seed in range(seeds)
        for sampler in SAMPLERS
        for index in range(2)
    ]
    samplers = [{"sampler": name} for name in SAMPLERS]
    groups = [{}, *samplers, *(group | {"topic": "topic 0"} for group in samplers)]
    metrics = [
        {"group": group, "metric": metric, "value": value, "n": 12, "signature": "v:1"}
        | {"low": value - 0.05, "high": value + 0.05}
        for number, group in enumerate(groups)
        for metric, value in (
            [("bits_per_char", bits), ("perplexity", 9.5)]
            if not group
            else [("distinct_2", 0.3 + 0.1 * number), ("loop", 0.5 / number), ("chars", 150.0 + number)]
        )
    ]
    return stage(directory, "evaluation", {"rows": len(scores)}, scores=(SCORES, scores), metrics=(METRICS, metrics))


def model(directory, steps, bits):
    history = [
        {
            "step": step,
            "tokens_seen": step * 2048,
            "seconds": step * 0.05,
            "split": split,
            "loss": 3.0,
            "bits_per_char": bits + 3 / (1 + step / 20) - (0.1 if split == "train" else 0.0),
            "learning_rate": 0.001,
        }
        for step in range(1, steps + 1)
        for split in ("train", "validation")
        if split == "train" or step % 50 == 0
    ]
    facts = {"family": "rnn", "parameters": 1_234_567, "steps": steps, "training_seconds": steps * 0.05}
    return stage(directory, "training", facts, MODEL_FILES, history=(HISTORY, history))


def run(folder, name, bits, seeds=4, text="It was", prompt="Once upon a time"):
    inputs = {"documents": digest_of(corpus(folder / "corpus"), "documents")}
    facts = {"kind": "char", "vocab_size": 99}
    tokens = stage(folder / "tokens", "tokenization", facts, ["tokenizer.json"], inputs, rejects=(REJECTS, []))
    return ModelRun(
        name=name,
        tokens=tokens,
        model=model(folder / "model", 1000, bits),
        generations=generations(folder / "generations", seeds, text, prompt),
        evaluation=evaluation(folder / "evaluation", seeds, bits),
    )


def settings(folder, **options):
    """A report on two models."""
    runs = (run(folder / "a", "char-lstm", 2.05), run(folder / "b", "bpe-transformer", 2.2))
    return ReportingSettings(runs=runs, corpus=corpus(folder / "corpus"), output=folder / "report", **options)
