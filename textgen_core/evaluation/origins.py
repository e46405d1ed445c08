"""That what is measured together was made of each other: else figures would be of nothing, and look like any."""

from __future__ import annotations

from pathlib import Path

from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import read_manifest, stage_directory
from textgen_core.errors import DatasetError
from textgen_core.models.config import MODEL_FILES


def check_origins(model: Path, tokens: Path, corpus: Path, generations: Path | None = None) -> None:
    """Raise unless tokens were made of corpus, by the model's tokenizer, and generations by the model.

    Texts that no model is known to have made may be anyone's.

    Raises:
        DatasetError: naming the two that don't belong together; or one is no finished directory of its kind.
    """
    model, tokens, corpus = (stage_directory(path) for path in (model, tokens, corpus))
    if read_manifest(tokens).key.inputs.get("documents") != digest_of(corpus, "documents"):
        raise DatasetError(
            "tokens must be made of the corpus that is read beside them",
            f"{tokens} and {corpus}, which is another",
            "Name the corpus they were made of, or tokenize this one",
        )
    if digest_of(model, "tokenizer.json") != digest_of(tokens, "tokenizer.json"):
        raise DatasetError(
            "a model is measured on tokens of its own tokenizer",
            f"{model} and {tokens}, made with another",
            "Name the tokens it learned from, or make some: `textgen tokenize CORPUS --reuse MODEL`",
        )
    if generations is None:
        return
    home = stage_directory(generations)
    own = digest_of(model, *MODEL_FILES)
    if read_manifest(home).key.inputs.get("model", own) != own:
        raise DatasetError(
            "generations are measured with the model that made them",
            f"{home} and {model}, which is another",
            "Name the model they were generated with",
        )
