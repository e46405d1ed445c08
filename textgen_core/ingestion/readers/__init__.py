"""The readers, one file a format. To add one, write the file and its line here."""

from __future__ import annotations

from textgen_core.ingestion.readers.interface import Reader
from textgen_core.ingestion.readers.jsonl import JsonlReader
from textgen_core.ingestion.readers.parquet import ParquetReader
from textgen_core.ingestion.readers.python_docs import PythonDocsReader
from textgen_core.ingestion.readers.separated import SeparatedReader
from textgen_core.ingestion.readers.txt import TxtReader

READERS: dict[str, Reader] = {
    "txt": TxtReader(),
    "jsonl": JsonlReader(),
    "csv": SeparatedReader(","),
    "tsv": SeparatedReader("\t"),
    "parquet": ParquetReader(),
    "python-docs": PythonDocsReader(),
}
