"""The tokenization stage as a flow of its own."""

from __future__ import annotations

from prefect import flow

from tasks.policy import FLOW
from tasks.tokenization import tokenize
from textgen_core.datasets.manifest import Manifest
from textgen_core.tokenization.settings import TokenizationSettings


@flow(name="tokenization", flow_run_name="tokenize {settings.corpus.name} by {settings.tokenizer.kind}", **FLOW)
def tokenization(settings: TokenizationSettings) -> Manifest:
    """Turn documents into token sequences."""
    return tokenize(settings)
