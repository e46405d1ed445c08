"""One tokenized corpus and, a family, one training of it, which many tests look at and none changes."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.training.corpora import babble, tiny, tokenized
from textgen_core.datasets.manifest import Manifest
from textgen_core.progress import Update
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train


class Trained(NamedTuple):
    settings: TrainingSettings
    manifest: Manifest
    updates: list[Update]

    @property
    def directory(self) -> Path:
        return self.settings.output


@pytest.fixture(scope="session")
def tokens(tmp_path_factory):
    return tokenized(tmp_path_factory.mktemp("corpus") / "tokens", babble(30, 200), babble(5, 200, seed=1))


@pytest.fixture(scope="session")
def trained(tokens, tmp_path_factory):
    """The finished training of a family."""

    @cache
    def finished(family: str) -> Trained:
        # Samples of one family: the decoder compiles longer than the training takes, and has tests of its own.
        options = {"samples": 2 if family == "rnn" else 0}
        settings = tiny(tokens, tmp_path_factory.mktemp(family) / "model", family, **options)
        updates: list[Update] = []
        return Trained(settings, train(settings, updates.append), updates)

    return finished
