"""Everything an evaluation reads, made for real by the stages before it: a corpus, its tokens, a model, generations."""

import pytest

from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.generation.settings import GenerationSettings
from textgen_core.generation.stage import generate
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.ingestion.stage import ingest
from textgen_core.progress import silent
from textgen_core.tokenization.settings import CharSettings, TokenizationSettings
from textgen_core.tokenization.stage import tokenize
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train

VERSES = [f"{n} green bottles hanging on the wall, and if one should fall, {n - 1} are left." for n in range(1, 200)]
SEEDS = 20


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder with corpus/, tokens/, model/ and generations/ (20 seeds, two samplers, 2 draws, parts of 5 seeds)."""
    folder = tmp_path_factory.mktemp("evaluation")
    (folder / "verses.txt").write_text("\n".join(VERSES))
    rows = [f"s{number},{number % 7} green,{'' if number == 3 else number % 3}" for number in range(SEEDS)]
    (folder / "seeds.csv").write_text("\n".join(["id,prompt,stars", *rows]) + "\n")
    ingest(IngestionSettings(inputs=(str(folder / "verses.txt"),), unit="line", output=folder / "corpus"), silent)
    tokenizer = CharSettings(fallback="unknown")
    tokenize(TokenizationSettings(tokenizer=tokenizer, corpus=folder / "corpus", output=folder / "tokens"), silent)
    train(TrainingSettings(preset="tiny", tokens=folder / "tokens", output=folder / "model"), silent)
    options = {"samplers": {"greedy": {"strategy": "greedy"}, "top-p": {"top_p": 0.9}}, "samples": 2}
    places = {"model": folder / "model", "seeds": folder / "seeds.csv", "output": folder / "generations"}
    generate(GenerationSettings(**options, **places, max_new_tokens=40, seeds_per_part=5), silent)
    return folder


@pytest.fixture(scope="session")
def settings_for(trained):
    """Settings of an evaluation of it."""

    def make(output, **options):
        places = {name: trained / name for name in ("corpus", "tokens", "model", "generations")}
        return EvaluationSettings(**places, output=output, **{"bootstrap": {"samples": 50}, **options})

    return make
