"""The order of a comparison's stages, what cells share, what becomes of kills and failures. No stage does its work."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textgen_core.comparison.cells import grid
from textgen_core.comparison.settings import ComparisonSettings
from textgen_core.comparison.stages import ALL
from textgen_core.comparison.steps import compare, plan
from textgen_core.datasets.stage import run_stage
from textgen_core.datasets.store import prune, unnamed
from textgen_core.errors import DatasetError, TrainingError
from textgen_core.models.config import MODEL_FILES
from textgen_core.settings import validated
from textgen_core.tokenization.tokenizers import dump, fit_tokenizer

FACTS = {"vocab_size": 5000, "chars_per_token": 2.0, "steps_per_second": 10.0}


class Stages:
    """Commits stage directories that hold their key, and notes which were asked for.

    Args:
        errors: what stages of these names raise.
        killed_at: the call that is cut off.
    """

    def __init__(self, errors=(), killed_at=None):
        self.done, self.settings, self.errors, self.killed_at = [], {}, dict(errors), killed_at

    def __call__(self, stage, name, settings, work):
        if len(self.done) == self.killed_at:
            raise KeyboardInterrupt
        self.done.append(name)
        self.settings[name] = settings
        if name in self.errors:
            raise self.errors[name]

        key = ALL[stage].key(settings)

        def body(partial):
            if stage == "seeding":
                pq.write_table(pa.table({"prompt": ["one"]}), partial / "seeds.parquet")
            for product in ("documents", "sequences", "generations", *MODEL_FILES):
                (partial / product).write_text(key.digest)
            if stage == "training":
                (partial / "tokenizer.json").write_bytes((settings.tokens / "tokenizer.json").read_bytes())
            if stage == "tokenization":
                (partial / "tokenizer.json").write_bytes(dump(fit_tokenizer(settings.tokenizer, iter([["a word"]]))))
            return FACTS

        return run_stage(key, settings.output, body)


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "a.txt").write_text("text")

    def of(**change):
        values = {
            "output": tmp_path / "out",
            "ingestion": {"inputs": [str(tmp_path / "a.txt")]},
            "families": ["rnn", "ngram"],
            "levels": ["char", "word"],
            "sizes": [50_000, 100_000],
            "shares": [0.5, 1.0],
            "budget": {"seconds": 30},
        }
        return validated(ComparisonSettings, values | change, "test")

    return of


def names(stages, stage):
    return [name.removesuffix(f"/{stage}") for name in stages.done if name.endswith(f"/{stage}")]


def test_cells_share_what_is_the_same_and_paces_come_first(settings):
    stages = Stages()
    compare(settings(), stages)
    cells = [cell.name for cell in grid(settings())]
    trained = [name for name in cells if name.startswith("rnn")]
    assert names(stages, "share") == ["50pct"]
    assert names(stages, "tokenization") == [
        "judge",
        "char-50pct",
        "word-50pct",
        "word-100pct",
    ]  # the judge's is char's
    assert names(stages, "pace") == [name for name in trained if name.endswith("100pct")]
    assert names(stages, "reading") == cells and names(stages, "evaluation") == cells
    order = [name.split("/")[1] for name in stages.done]
    assert max(n for n, stage in enumerate(order) if stage == "pace") < order.index("training", order.index("pace"))
    of_training = [stages.settings[f"{name}/training"] for name in trained]
    assert {training.steps for training in of_training} == {300}


def test_what_speed_is_told_by_is_written_by_one_lane(settings):
    stages = Stages()
    compare(settings(), stages)
    long = [told for name, told in stages.settings.items() if name.endswith("/generation")]
    assert {told.lanes for told in long} == {1}


def test_what_people_wrote_is_of_the_pairs_that_the_cells_learn(settings):
    stages, told = Stages(), settings(pairs={"kind": "opening", "words": 3})
    compare(told, stages)
    asked = ["human/reference", "human_long/reference", "word-100pct/tokenization"]
    assert [stages.settings[name].pairs for name in asked] == [told.pairs] * 3


def test_without_seconds_no_pace_is_measured(settings):
    stages = Stages()
    compare(settings(budget={"steps": 77}, levels=["word"], sizes=[100_000]), stages)
    assert not names(stages, "pace")
    assert stages.settings["rnn-word-100k-50pct/training"].steps == 77


def test_killed_anywhere_it_goes_on_and_does_nothing_twice(settings, tmp_path):
    small = {"families": ["rnn"], "levels": ["char"], "sizes": [100_000]}
    whole = Stages()
    compare(settings(**small), whole)
    for killed_at in range(0, len(whole.done), 5):
        change = small | {"output": tmp_path / f"killed-{killed_at}"}
        first, second, third = Stages(killed_at=killed_at), Stages(), Stages()
        with pytest.raises(KeyboardInterrupt):
            compare(settings(**change), first)
        planned = {part.name: part.next for part in plan(settings(**change))}
        assert (planned["shared"] is None) == ("human" in names(first, "reference"))
        home = compare(settings(**change), second)
        assert first.done + second.done == whole.done
        assert compare(settings(**change), third) == home and not third.done
        assert {part.next for part in plan(settings(**change))} == {None}


def test_everything_that_was_made_has_a_name_so_that_nothing_of_it_is_pruned(settings):
    compare(settings(), Stages())
    output = settings().output
    assert not [path for path in unnamed(output) if path.is_dir()]
    prune(output)
    again = Stages()
    compare(settings(), again)
    assert not again.done


def test_one_process_at_a_time_compares_and_nothing_is_pruned_meanwhile(settings):
    class Meddling(Stages):
        def __call__(self, stage, name, told, work):
            with pytest.raises(DatasetError, match="another is at work"):
                compare(settings(), Stages())
            with pytest.raises(DatasetError, match="nothing is removed"):
                prune(settings().output)
            return super().__call__(stage, name, told, work)

    compare(settings(families=["ngram"], levels=["char"]), Meddling())
    compare(settings(), Stages())


def outcomes(stages):
    return {cell.name: cell for cell in stages.settings["all/summary"].cells}


def test_a_cell_that_fails_is_an_outcome_with_its_reason_and_is_tried_again(settings):
    known = TrainingError("the loss must stay finite", "nan", "A smaller rate")
    wrong = {"rnn-char-50k-50pct/training": known, "rnn-word-100k-100pct/reading": MemoryError("no room\nat all")}
    first, second = Stages(wrong), Stages()
    compare(settings(), first)
    found = outcomes(first)
    assert len(found) == len(grid(settings()))
    failed = {name: (cell.failed_stage, cell.failure) for name, cell in found.items() if cell.failure}
    assert failed == {
        "rnn-char-50k-50pct": ("training", str(known)),
        "rnn-word-100k-100pct": ("reading", "MemoryError: no room"),
    }
    assert found["rnn-char-50k-50pct"].model is None and found["rnn-word-100k-100pct"].model is not None
    compare(settings(), second)
    assert not any(cell.failure for cell in outcomes(second).values())
    assert second.done[0] == "rnn-char-50k-50pct/training" and len(second.done) == 5 + 1 + 1


def test_a_size_that_cannot_be_fails_alone(settings):
    stages = Stages()
    compare(settings(sizes=[1000, 100_000]), stages)
    small = outcomes(stages)["rnn-word-1k-100pct"]
    assert small.failed_stage == "training" and "a model of 1,000 weights must be possible" in small.failure
    assert outcomes(stages)["rnn-word-100k-100pct"].failure is None
    planned = {part.name: part for part in plan(settings(sizes=[1000, 100_000]))}
    assert planned["rnn-word-1k-100pct"].failure == small.failure


def test_encoder_decoders_without_pairs_are_foreseen_and_nothing_is_made_of_them(settings):
    told = settings(families=["seq2seq-rnn", "ngram"], levels=["char"], shares=[1.0], sizes=[50_000])
    foreseen, stages = plan(told), Stages()
    compare(told, stages)
    made = [name for name in stages.done if name.startswith("seq2seq")]
    failed = outcomes(stages)["seq2seq-rnn-char-50k-100pct"]
    assert not made and (failed.corpus, failed.tokens) == (None, None)
    assert "`pairs: {kind: opening" in failed.failure and "textgen tokenize" not in failed.failure
    for planned in (foreseen, plan(told)):
        found = {part.name: part for part in planned}
        assert found["seq2seq-rnn-char-50k-100pct"].failure == failed.failure
        assert found["seq2seq-rnn-char-50k-100pct"].next == failed.failed_stage
        assert found["ngram-char-100pct"].failure is None
    pairs = {"pairs": {"kind": "opening", "words": 8}}
    assert not any(part.failure for part in plan(settings(families=["seq2seq-rnn"], **pairs)))


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("rnn-char-50k-50pct/training", OSError(28, "No space left on device")),
        ("judge/training", TrainingError("there must be text", "none", "Give some")),
    ],
)
def test_what_all_cells_need_and_what_the_machine_does_ends_it(settings, name, error):
    with pytest.raises(type(error)):
        compare(settings(), Stages({name: error}))
