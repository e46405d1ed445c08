"""The judge reads people and models by one rule, whether they wrote after prompts or from sources."""

import math

import pyarrow.parquet as pq
import pytest

from tests.tokenization.documents import write_documents
from textgen_core.comparison.page import after_seeds
from textgen_core.comparison.reading import read_texts
from textgen_core.comparison.stage_settings import CellRun, ReadingSettings
from textgen_core.comparison.table import Finished
from textgen_core.comparison.trade_offs import trade_offs
from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.parts import PartWriter, read_table
from textgen_core.datasets.schemas import GENERATIONS, METRICS
from textgen_core.datasets.stage import run_stage
from textgen_core.evaluation.reading import ModelReader
from textgen_core.evaluation.scoring import token_logprobs
from textgen_core.frontier.reference import refer
from textgen_core.frontier.settings import ReferenceSettings
from textgen_core.models.directory import load_model
from textgen_core.progress import silent
from textgen_core.seeding.draw import draw_seeds
from textgen_core.seeding.settings import SeedingSettings, drawn_as
from textgen_core.tokenization.settings import CharSettings, OpeningPairs, TokenizationSettings
from textgen_core.tokenization.stage import tokenize
from textgen_core.tokenization.tokenizers import load_tokenizer
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train

TEXTS = [
    ("validation" if n % 3 == 0 else "train", f"{n} green bottles hang on the wall, and {n % 7} of them may fall.")
    for n in range(60)
]
CHARACTERS = 200
"""More than any text has, so that all of them end."""
SAMPLER = "temperature=1"


def counted(folder, corpus, pairs=None):
    """The model that counting makes of the corpus."""
    options = {"tokenizer": CharSettings(), "pairs": pairs}
    tokenize(TokenizationSettings(**options, corpus=corpus, output=folder / "tokens"), silent)
    model = {"family": "ngram", "order": 4}
    train(TrainingSettings(model=model, samples=0, tokens=folder / "tokens", output=folder / "model"), silent)
    return folder / "model"


def stage(directory, name, schema, rows, **facts):
    key = RunKey(stage="by hand", code_version=1, schema_version=1, settings={}, inputs={}, numerics={})

    def body(partial):
        with PartWriter(partial / name / "part-00000.parquet", schema) as part:
            part.write(rows)
        return facts

    run_stage(key, directory, body)
    return directory


@pytest.fixture(scope="module", params=[None, OpeningPairs(words=3)], ids=["whole", "pairs"])
def told(request, tmp_path_factory):
    """Where everything lies of a cell that wrote what people did."""
    folder, pairs = tmp_path_factory.mktemp("read"), request.param
    corpus = write_documents(folder / "corpus", TEXTS)
    how = {"how": "openings", "words": 3} if pairs is None else drawn_as(pairs)
    seeds = draw_seeds(SeedingSettings(**how, corpus=corpus, output=folder))
    pq.write_table(seeds, folder / "seeds.parquet")
    judge = counted(folder / "judge", corpus)
    model = counted(folder / "cell", corpus, pairs) if pairs else judge
    people = {"prompt_column": "prompt", "id_column": None, "held_out": "validation", "seed": 0, "pairs": pairs}
    places = {"model": judge, "seeds": folder / "seeds.parquet", "corpus": corpus, "output": folder / "human"}
    refer(ReferenceSettings(**people, **places, max_new_tokens=CHARACTERS), silent)
    wrote = [row | {"sampler": SAMPLER} for row in read_table(folder / "human" / "generations").to_pylist()]
    own = stage(folder / "own", "generations", GENERATIONS, wrote)
    texts = {"generations": own, "long": own, "human": folder / "human", "human_long": folder / "human"}
    settings = ReadingSettings(
        model=model, judge=judge, **texts, blocks=4, long_characters=CHARACTERS, output=folder / "reading"
    )
    read_texts(settings, silent)
    return settings


def test_all_texts_ended(told):
    reasons = read_table(told.human / "generations", ["finish_reason"])["finish_reason"].to_pylist()
    assert len(reasons) == 20 and set(reasons) == {"end"}


def test_the_same_texts_cost_the_judge_the_same_whoever_wrote_them(told, tmp_path):
    metric = {"group": [("sampler", SAMPLER)], "metric": "repeated_4", "value": 0.0, "n": 1, "signature": ""}
    evaluation = stage(tmp_path / "evaluation", "metrics", METRICS, [metric])
    run = CellRun(name="a", variant="a", family="ngram", level="char", size=None, share=1)
    cell = Finished(run, told.model, told.model, told.generations, evaluation, told.long, told.output)
    human, [row], _ = trade_offs([cell], told.human, [1.0])
    for name in ("judge_bits_per_char", "judge_bits_per_char_low", "judge_bits_per_char_high"):
        assert row[name] == pytest.approx(human[name], rel=1e-5) and row[name] > 0
    assert row["texts"] == human["texts"] == 20
    read = read_table(told.output / "stretches").to_pylist()
    bits = {author: [row["judge_bits"] for row in read if row["author"] == author] for author in ("human", "model")}
    assert bits["model"] == pytest.approx(bits["human"], rel=1e-5)


def test_the_judge_reads_a_text_after_its_prompt_as_it_stands_in_a_document(told):
    reader, tokenizer = ModelReader(load_model(told.judge)), load_tokenizer(told.judge)
    documents = {text for _, text in TEXTS}
    judged = {
        row["seed_id"]: row["judge_bits"]
        for row in read_table(told.output / "judged").to_pylist()
        if row["sampler"] == SAMPLER
    }
    for row in read_table(told.human / "generations").to_pylist():
        [document] = [text for text in documents if text.startswith(row["prompt"]) and text.endswith(row["text"])]
        begun = len(document) - len(row["text"])
        [logprobs] = token_logprobs(reader, tokenizer.encode([document]))
        assert judged[row["seed_id"]] == pytest.approx(-logprobs[begun:-1].sum() / math.log(2), rel=1e-4)
        assert row["logprob"] == pytest.approx(logprobs[begun:].sum(), rel=1e-4), "its end included"


def test_what_people_wrote_is_found_by_the_seed_that_models_went_on_from(told):
    found, documents = after_seeds(told.human), {text for _, text in TEXTS}
    rows = read_table(told.generations / "generations").to_pylist()
    assert len(found) == len(rows) == 20
    for row in rows:
        text = found[row["seed_id"]]
        assert len(text) > 20 and any(it.startswith(row["prompt"]) and it.endswith(text) for it in documents)


@pytest.mark.parametrize(("prompts", "shown"), [("own", {"s1": "people wrote"}), ("drawn", {})])
def test_what_people_wrote_after_other_prompts_is_shown_beside_none(tmp_path, prompts, shown):
    row = dict.fromkeys(GENERATIONS.names) | {"seed_id": "s1", "sample_index": 0, "sampler": "human", "prompt": "What"}
    row |= {"text": "people wrote", "token_ids": [1], "n_tokens": 1, "logprob": -1.0, "finish_reason": "length"}
    row |= {"prompt_cut": False, "model_id": "judge"}
    assert after_seeds(stage(tmp_path / "human", "generations", GENERATIONS, [row], prompts=prompts)) == shown
