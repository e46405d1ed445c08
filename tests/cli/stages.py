"""Finished stage directories and pipelines for the command line to look at, made without doing the work."""

from itertools import chain

import pyarrow as pa

from textgen_core.config import load_config
from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import DOCUMENTS, METRICS
from textgen_core.datasets.stage import run_stage
from textgen_core.models.config import MODEL_FILES
from textgen_core.pipeline import run_pipeline
from textgen_core.stages import STAGES

KEY = RunKey(stage="ingestion", code_version=1, schema_version=1, settings={}, inputs={}, numerics={})
ONE = pa.table({"n": [1]})
METRIC = {"group": [("sampler", "greedy")], "metric": "loop", "value": 0.5, "n": 1, "signature": ""}


def document(number, text):
    return {
        "doc_id": f"d{number}",
        "source": "a.txt",
        "source_row": number,
        "split": "validation" if number % 5 == 0 else "train",
        "text": text,
        "n_chars": len(text),
        "n_words": len(text.split()),
        "content_hash": str(number),
    }


def corpus(directory, texts):
    """What ingestion leaves."""

    def body(partial):
        rows = [document(number, text) for number, text in enumerate(texts)]
        with PartWriter(partial / "documents" / "part-00000.parquet", DOCUMENTS) as part:
            part.write(rows)
        return {"documents": len(rows)}

    run_stage(KEY, directory, body)
    return directory


def finish(config_path):
    """Finish every step of a configuration, with the real keys and hardly any content."""

    def do(step, settings):
        def body(partial):
            for product in chain.from_iterable(MODEL_FILES if it == "." else [it] for it in step.products.values()):
                if product.endswith((".json", ".html", ".safetensors")):
                    (partial / product).write_text("{}")
                    continue
                name = product if product.endswith(".parquet") else f"{product}/part-00000.parquet"
                with PartWriter(partial / name, METRICS if product == "metrics" else ONE.schema) as part:
                    part.write([METRIC] if product == "metrics" else ONE)
            return {"rows": 1}

        return run_stage(STAGES[step.stage].key(settings), settings.output, body)

    return run_pipeline(load_config(config_path), do)
