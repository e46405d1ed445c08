"""A seed file's own columns: they hold for their row instead of the job's settings, and for no other."""

import json

import pytest

from tests.decoding.exact import STEPS
from tests.generation.jobs import rows_of, settings_of
from textgen_core.datasets.schemas import GENERATIONS
from textgen_core.decoding.settings import OF_CHOOSING, USED_BY
from textgen_core.errors import InputError
from textgen_core.generation.stage import generate
from textgen_core.progress import silent


def test_a_seed_files_own_columns_override(tmp_path, rnn):
    content = (
        "id,prompt,sampler,max_new_tokens,temperature,stop\n"
        "named,a,greedy,5,,\n"
        "cold,a,,,0,\n"
        "unknown,a,nobody,,,\n"
        "worded,a,,many,,\n"
        "negative,a,,,-1,\n"
        "stopped,a,,,,a\n"
        "endless,a,,2000000,,\n"
    )
    settings = settings_of(tmp_path, rnn, content, max_reject_share=0.6)
    facts = generate(settings, silent).facts
    assert facts["rejected_bad-knob"] == facts["rejects"] == 4
    assert facts["seeds"] == 7
    rows = rows_of(settings)
    named, cold, stopped = ([row for row in rows if row["seed_id"] == id] for id in ("named", "cold", "stopped"))
    assert [(row["sampler"], row["n_tokens"] <= 5) for row in named] == [("greedy", True)]
    assert [row["sampler"] for row in cold] == ["greedy", "top-p"]
    assert cold[0]["token_ids"] == cold[1]["token_ids"]
    assert not any("a" in row["text"] for row in stopped)
    assert "sampler" in rows[0]
    assert rows[-1]["stop"] == "a"
    rejects = rows_of(settings, "rejects")
    assert [row["source_row"] for row in rejects] == [2, 3, 4, 6]
    assert "nobody" in rejects[0]["message"]


def test_processors_in_a_seed_files_columns(tmp_path, rnn):
    """Each acts on its own row alone: the others are as without them."""
    plain = settings_of(tmp_path, rnn, "id,prompt\n" + "".join(f"{n},a\n" for n in range(8)), output="plain")
    generate(plain, silent)
    first = rows_of(plain)[0]["token_ids"]  # greedy
    lines = [
        {},
        {"banned_phrases": [f"id:{first[0]}"]},
        {"stop_tokens": f"id:{first[1]}"},
        {"logit_bias": {f"id:{first[0]}": -100}},
        {"loop_length": 1, "loop_repeats": 2, "logit_bias": '{"x": 100}'},
        {"min_new_tokens": 12, "no_repeat_ngram": 1},
        {"stop_tokens": ["two letters"]},
        {"logit_bias": "a"},
    ]
    content = "\n".join(json.dumps({"id": n, "prompt": "a", **line}) for n, line in enumerate(lines))
    settings = settings_of(tmp_path, rnn, content, "seeds.jsonl", max_reject_share=0.5)
    facts = generate(settings, silent).facts
    assert facts["rejected_bad-knob"] == facts["rejects"] == 2
    rows = rows_of(settings)
    own = set(GENERATIONS.names) - {"seed_id"}
    assert [{n: row[n] for n in own} for row in rows[:3]] == [{n: row[n] for n in own} for row in rows_of(plain)[:3]]
    _, banned, stopped, biased, looped, new = (rows[3 * i : 3 * i + 3] for i in range(6))
    assert not any(first[0] in row["token_ids"] for row in banned + biased)
    assert stopped[0]["token_ids"] == first[: first.index(first[1]) + 1] and stopped[0]["finish_reason"] == "stop"
    assert [(row["text"], row["finish_reason"]) for row in looped] == [("xx", "loop")] * 3
    assert all(len(set(row["token_ids"])) == row["n_tokens"] == 12 for row in new)
    assert "two letters" in rows_of(settings, "rejects")[0]["message"]


def test_every_knob_of_the_draw_may_be_a_column(tmp_path, rnn):
    """A row with a knob of its own becomes what a sampler with that knob makes of it, and nothing else."""
    base = {"xtc_threshold": 0.004}
    knobs = {name: step.example for name, step in STEPS.items()} | {"xtc_probability": 1.0, "best_of": 3}
    assert list(knobs) == [name for name in USED_BY["sample"] if name not in (*USED_BY["greedy"], *OF_CHOOSING)]
    rows = [[row, "to be", *(str(knob) if name == row else "" for name, knob in knobs.items())] for row in knobs]
    content = "\n".join(map(",".join, [["id", "prompt", *knobs], *rows])) + "\n"
    by_column = settings_of(tmp_path, rnn, content, samplers={"base": base}, samples=8)
    samplers = {name: base | {name: knob} for name, knob in knobs.items()} | {"base": base}
    plain = "\n".join(["id,prompt", *(f"{name},to be" for name in knobs)]) + "\n"
    by_sampler = settings_of(tmp_path, rnn, plain, "plain.csv", "plain", samplers=samplers, samples=8)
    assert generate(by_column, silent).facts["rejects"] == generate(by_sampler, silent).facts["rejects"] == 0
    found = texts_of(rows_of(by_column))
    expected = texts_of(rows_of(by_sampler))
    for name in knobs:
        assert found[name, "base"] == expected[name, name] != expected[name, "base"]


def texts_of(rows):
    """All samples by seed and sampler."""
    texts = {}
    for row in rows:
        texts.setdefault((row["seed_id"], row["sampler"]), []).append(row["token_ids"])
    return texts


def test_a_row_may_warm_a_cold_sampler(tmp_path, rnn):
    settings = settings_of(tmp_path, rnn, "prompt,temperature\na,\na,3\n", samplers={"cold": {"temperature": 0}})
    generate(settings, silent)
    cold, first, second = (row["token_ids"] for row in rows_of(settings))
    assert len({tuple(cold), tuple(first), tuple(second)}) == 3


def test_a_knob_that_a_samplers_order_lacks_refuses_its_row(tmp_path, rnn):
    late = {"temperature": 1.5, "min_p": 0.1, "order": ["min_p", "temperature"]}
    content = "prompt,top_k,xtc_probability\na,,\nb,3,\nc,,0.5\n"
    generate(settings := settings_of(tmp_path, rnn, content, samplers={"s": late}, max_reject_share=0.7), silent)
    assert {row["prompt"] for row in rows_of(settings)} == {"a"}
    lacking, idle = (row["message"] for row in rows_of(settings, "rejects"))
    assert "it lacks top_k" in lacking
    assert "set that, too" in idle


def test_a_column_of_ours_is_not_overwritten(tmp_path, rnn):
    with pytest.raises(InputError, match="logprob"):
        generate(settings_of(tmp_path, rnn, "prompt,logprob\na,1\n"), silent)
