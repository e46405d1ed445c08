"""TensorFlow's import without its notices: they help no user, and hide the messages that do."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from types import ModuleType

NOTICE = re.compile(rb"WARNING: All log messages before absl|[IW]0000 ")
"""Lines that TensorFlow 2.21 writes while it is imported, whatever its log level."""


class QuietTensorFlow(importlib.abc.MetaPathFinder):
    """Lets the first import of TensorFlow, by whoever it is done, happen without its notices."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """TensorFlow's own spec, with a quiet loader; None for every other module."""
        if fullname != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def quietly(module: ModuleType) -> None:
                with without_notices():
                    execute(module)

            spec.loader.exec_module = quietly  # type: ignore[method-assign]
        return spec


@contextlib.contextmanager
def without_notices() -> Iterator[None]:
    """Hold back what is written to stderr, also by C++, and drop the notices from it."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            for line in held:
                if not NOTICE.match(line):
                    os.write(2, line)
