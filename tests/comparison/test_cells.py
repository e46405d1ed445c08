"""The grid, and what its cells are told: equal steps, room for what they write, one clear error for what can't be."""

import pytest

from tests.docs.pages import ROOT
from tests.training.corpora import babble, tiny, tokenized
from tests.training.families import COUNTED, ON_PAIRS, OPTIONS
from textgen_core.comparison.cells import check_pairs, grid, tokens_for, training_of
from textgen_core.comparison.settings import ComparisonSettings
from textgen_core.config import read_yaml
from textgen_core.errors import SettingsError
from textgen_core.progress import silent
from textgen_core.seeding.settings import SeedingOptions
from textgen_core.settings import validated
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train

FACTS = {"char": {"vocab_size": 80, "chars_per_token": 1.0}, "word": {"vocab_size": 5000, "chars_per_token": 4.2}}


def settings(**change):
    return validated(ComparisonSettings, {"output": "out", "ingestion": {"inputs": ["a.txt"]}} | change, "test")


def test_the_grid_is_whole_and_every_name_its_own():
    cells = grid(settings())
    assert len(cells) == 3 * 2 * 2 * 3 + 1 * 2 * 1 * 3
    assert len({cell.name for cell in cells}) == len(cells)
    assert {cell.size for cell in cells if cell.variant == "ngram"} == {None}
    assert "rnn-char-1.2M-5pct" in {cell.name for cell in cells}


def test_two_cells_of_one_name_are_refused():
    families = {"rnn": {}, "rnn-char": {"model": {"family": "ngram"}}}
    levels = {"char": {"kind": "char"}, "300k": {"kind": "word"}}
    with pytest.raises(SettingsError, match="rnn-char-300k-100pct"):
        grid(settings(families=families, levels=levels, sizes=[300_000], shares=[1.0]))


@pytest.mark.parametrize("variant", OPTIONS)
@pytest.mark.parametrize("level", FACTS)
@pytest.mark.parametrize("lengths", [{}, {"characters": 1000}], ids=["long", "short longer than long"])
def test_a_training_has_the_grids_size_and_steps_and_sees_as_far_as_it_writes(variant, level, lengths):
    told = settings(sizes=[900_000], families=list(OPTIONS), **lengths)
    cell = next(cell for cell in grid(told) if (cell.variant, cell.level) == (variant, level))
    fields = training_of(told, cell, FACTS[level], FACTS[level], steps=40)
    training = TrainingSettings(**fields, tokens="tokens", output="output")
    if variant in COUNTED:
        assert training.steps == 1
        return
    assert training.steps == 40 and training.warmup <= 10 and training.evaluate_every == 4
    assert training.patience is None, "the budget is spent, whatever comes of it"
    if variant in ("transformer", *ON_PAIRS):
        longest = tokens_for(max(told.characters, told.long_characters), FACTS[level])
        assert getattr(training.model, "context", training.window) > longest and training.window > longest
        usual = told.families[variant].batch_size * told.families[variant].window
        assert training.batch_size * training.window <= max(usual, training.window)


@pytest.mark.parametrize("variant", ["rnn", "transformer", "seq2seq-rnn"])
def test_shares_differ_in_their_text_and_vocabulary_alone(variant):
    told, whole = settings(families=[variant], sizes=[900_000]), FACTS["word"]
    little = {**whole, "vocab_size": 400, "chars_per_token": whole["chars_per_token"] * 1.5}
    cell = next(cell for cell in grid(told) if cell.level == "word")
    one, other = (training_of(told, cell, facts, whole, steps=40) for facts in (little, whole))
    differing = {name for name in one if one[name] != other[name]}
    assert differing <= {"model", "learning_rate"}
    changed = {name for name, value in one["model"].model_dump().items() if value != getattr(other["model"], name)}
    assert changed == {other["model"].width_setting}, "weights that a small table leaves go into the width"


def test_the_defaults_are_what_the_readme_says_of_them():
    told = settings()
    dropout = {name: getattr(options.model, "dropout", None) for name, options in told.families.items()}
    assert dropout == {"rnn": 0.1, "cnn": 0.1, "transformer": 0.0, "ngram": None}
    cell = next(cell for cell in grid(told) if cell.name == "transformer-char-300k-100pct")
    fields, usual = training_of(told, cell, FACTS["char"], FACTS["char"], steps=40), told.families["transformer"]
    assert (fields["batch_size"], fields["window"]) == (3, 576) and (usual.batch_size, usual.window) == (8, 256)
    assert fields["learning_rate"] == usual.learning_rate


def test_a_batch_that_must_be_shared_out_still_can_be():
    told = settings(families={"transformer": {"accumulate": 2}}, sizes=[900_000])
    fields = training_of(told, grid(told)[0], FACTS["char"], FACTS["char"], steps=40)
    training = TrainingSettings(**fields, tokens="tokens", output="output")
    assert training.batch_size % 2 == 0 and training.window > told.long_characters


def test_two_forms_of_one_family_are_two_variants():
    told = settings(
        families={"lstm": {"model": {"family": "rnn", "cell": "lstm"}}, "gru": {"model": {"family": "rnn"}}}
    )
    assert {told.families[cell.variant].model.family for cell in grid(told)} == {"rnn"}
    assert [told.families[name].model.cell for name in ("lstm", "gru")] == ["lstm", "gru"]


def test_lists_name_families_and_kinds_and_values_are_sorted():
    told = settings(families=["rnn"], levels=["byte", "subword"], shares=[1.0, 0.1, 1.0])
    assert told.families["rnn"].model.family == "rnn" and told.levels["byte"].kind == "byte"
    assert told.shares == (0.1, 1.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"budget": {"seconds": 1, "steps": 1}}, "either seconds or steps"),
        ({"budget": {}}, "either seconds or steps"),
        ({"families": {"lstm": {}}}, "lstm"),
        ({"families": {"rnn": {"units": 3}}}, "units"),
        ({"families": {"cnn": {"steps": 500}}}, "cnn: steps is the same for all cells"),
        ({"families": {"rnn": {"patience": None}}}, "rnn: patience is the same for all cells"),
        ({"shares": [0.0]}, "shares"),
        ({"shares": []}, "shares"),
        ({"sizes": [1_000_000, 1_000_001]}, "have one name"),
        ({"levels": {"chars": {}}}, "kind"),
        ({"levels": {"a-b": {"kind": "char"}}}, "levels"),
        ({"families": {"../x": {"model": {"family": "rnn"}}}}, "families"),
        ({"samplers": {}}, "samplers"),
        ({"evaluation": {"held_out_tokens": 0}}, "held_out_tokens"),
        ({"pairs": {"kind": "opening", "words": 0}}, "pairs.words"),
    ],
)
def test_what_cannot_be_is_one_line(change, said):
    with pytest.raises(SettingsError, match=said) as error:
        settings(**change)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("pairs", "seeds"),
    [
        ({"kind": "opening", "words": 8}, {"how": "openings", "words": 8}),
        ({"kind": "sentences"}, {"how": "sentences"}),
        ({"kind": "column", "source": "prompt"}, {"how": "column", "column": "prompt"}),
    ],
)
def test_seeds_are_drawn_as_pairs_are_made(pairs, seeds):
    drawn = settings(pairs=pairs).seeds
    assert drawn == SeedingOptions(count=60, **seeds)
    for given in ({"count": 40}, SeedingOptions(count=40)):
        assert settings(pairs=pairs, seeds=given).seeds == SeedingOptions(count=40, **seeds)
    with pytest.raises(SettingsError, match="leave these out"):
        settings(pairs=pairs, seeds={"how": "spans"})
    assert settings().seeds.how == "spans"


def test_a_model_to_go_on_from_is_refused(tmp_path):
    tokens = tokenized(tmp_path / "tokens", babble(3, 50))
    train(tiny(tokens, tmp_path / "model", "ngram"), silent)
    with pytest.raises(SettingsError, match="warm_start"):
        settings(families={"rnn": {"warm_start": str(tmp_path / "model")}})


def test_the_example_configuration_is_one():
    path = ROOT / "deployments" / "configs" / "comparison.yaml"
    told = validated(ComparisonSettings, read_yaml(path), str(path))
    assert grid(told) == grid(settings()), "it shows the defaults"


def test_the_example_of_pairs_has_what_its_question_needs():
    path = ROOT / "deployments" / "configs" / "comparison-pairs.yaml"
    told = validated(ComparisonSettings, read_yaml(path), str(path))
    cells = grid(told)
    for cell in cells:
        check_pairs(told, cell)
    families = {told.families[cell.variant].model.family for cell in cells}
    assert {"rnn", "transformer", "seq2seq-rnn", "seq2seq-transformer"} <= families
    assert (told.seeds.how, told.seeds.words) == ("openings", told.pairs.words)
