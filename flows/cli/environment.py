"""The process's surroundings, set once before anything heavy is imported."""

from __future__ import annotations

import os
import sys

from textgen_core.notices import QuietTensorFlow

QUIET_LIBRARIES = {
    "TF_CPP_MIN_LOG_LEVEL": "3",  # TensorFlow's C++ notices about drivers help no user
    "GRPC_VERBOSITY": "ERROR",
}


def prepare() -> None:
    """Silence start-up noise and make the standard streams take any text. What the user has set is kept."""
    for name, value in QUIET_LIBRARIES.items():
        os.environ.setdefault(name, value)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a lone surrogate in a corpus must not end the program
    sys.meta_path.insert(0, QuietTensorFlow())
