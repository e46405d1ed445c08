"""Streams of pairs for tests, and what a filled-up row says."""

import numpy as np

from textgen_core.tokenization.interface import END, PAD


def stream_of(found):
    """As tokenization and token_stream write it: a document without a pair is an END of its own."""
    ids = [[id for source, target in pairs for id in (*source, PAD, *target, END)] or [END] for pairs in found]
    return np.array([id for document in ids for id in document], np.uint16)


def said(ids):
    """Without what fills the rest."""
    return ids[: len(ids) - next((n for n, id in enumerate(reversed(ids)) if id != PAD), len(ids))]
