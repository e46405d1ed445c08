"""The documentation of the running Python: a corpus that is on every machine.

Documents are the topics of the language reference and the docstrings of the standard library, read by ``ast``:
no module is imported.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import platform
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyarrow as pa

from textgen_core.ingestion.readers.interface import Content
from textgen_core.ingestion.readers.records import Record, rows_of
from textgen_core.ingestion.rows import Rows
from textgen_core.ingestion.settings import IngestionOptions

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
COLUMNS = {"kind": pa.string(), "module": pa.string()}
BATCH_DOCUMENTS = 250
"""A fraction of a second's work."""
MIN_CHARS = 60
"""Shorter docstrings ("Return x.") say nothing that a model could learn prose from."""
LEFT_OUT = frozenset(
    {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3", "turtledemo", "__pycache__"}
)
"""Folders that are no part of the library's documentation."""


class PythonDocsReader:
    """Topics, then docstrings, by module name; the columns kind (language, docstring) and module."""

    def columns(self, content: Content, options: IngestionOptions) -> pa.Schema:
        """kind and module, where kept."""
        wanted = COLUMNS if options.keep_columns == "all" else options.keep_columns
        return pa.schema([pa.field(name, COLUMNS[name]) for name in wanted if name in COLUMNS])

    def rows(self, content: Content, options: IngestionOptions, own: pa.Schema) -> Iterator[Rows]:
        """Every document."""
        records: list[Record] = []
        for row, (kind, module, text) in enumerate(documents()):
            values = {"kind": kind, "module": module}
            records.append((row, text, [values.get(name) for name in own.names]))
            if len(records) == BATCH_DOCUMENTS:
                yield rows_of(records, [], own)
                records = []
        yield rows_of(records, [], own)


def documents() -> Iterator[tuple[str, str, str]]:
    """(kind, module, text) of every document, in a fixed order."""
    for name, text in sorted(_topics().items()):
        yield "language", name, text.strip()
    for path in library():
        module = _module_name(path)
        yield from (("docstring", module, text) for text in _docstrings(path))


def digest() -> str:
    """SHA-256 (hex) of the Python version and of all that documents() reads."""
    total = hashlib.sha256(platform.python_version().encode())
    topics = [path for path in (_root() / "pydoc_data" / "topics.py",) if path.is_file()]
    for path in (*topics, *library()):
        total.update(_module_name(path).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


@cache
def _root() -> Path:
    return Path(sysconfig.get_path("stdlib"))


def _topics() -> dict[str, str]:
    topics: dict[str, str] = {}
    path = _root() / "pydoc_data" / "topics.py"
    for node in ast.parse(path.read_bytes() if path.is_file() else b"").body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            topics.update(ast.literal_eval(node.value))
    return topics


@cache
def library() -> tuple[Path, ...]:
    """The modules of the standard library, by name."""
    root = _root()
    tops = [top for top in root.iterdir() if top.name not in LEFT_OUT]  # installed packages are not even walked through
    found = (path for top in tops for path in ([top] if top.suffix == ".py" else top.rglob("*.py")))
    paths = [path for path in found if not LEFT_OUT.intersection(path.relative_to(root).parts)]
    return tuple(sorted((path for path in paths if path.parent.name != "pydoc_data"), key=_module_name))


def _module_name(path: Path) -> str:
    parts = path.relative_to(_root()).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _docstrings(path: Path) -> Iterator[str]:
    """Docstrings of a module, in the order of its lines."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return  # the library ships templates that are no Python
    documented = [node for node in ast.walk(tree) if isinstance(node, _DOCUMENTED)]
    for node in sorted(documented, key=lambda node: getattr(node, "lineno", 0)):
        text = inspect.cleandoc(ast.get_docstring(node, clean=False) or "").strip()
        if len(text) >= MIN_CHARS:
            yield text
