"""The stage as a whole: seeds in, datasets out, the same bytes however it went."""

import shutil
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

from tests.generation.conftest import SETTINGS
from tests.generation.jobs import PROGRAM, SAMPLERS, rows_of, seed_file, settings_of
from textgen_core.datasets.manifest import read_manifest, working_directory
from textgen_core.datasets.schemas import GENERATIONS
from textgen_core.datasets.stage import KEY
from textgen_core.errors import InputError, SettingsError
from textgen_core.generation.preview import continue_prompt
from textgen_core.generation.stage import generate, generation_key
from textgen_core.models.directory import load_model
from textgen_core.progress import silent
from textgen_core.tokenization.tokenizers import load_tokenizer


@pytest.mark.parametrize("family", SETTINGS)
def test_a_job(tmp_path, family, request):
    settings = settings_of(tmp_path, request.getfixturevalue(family), seed_file(20, width=40), samplers=SAMPLERS)
    manifest = generate(settings, silent)
    table = pq.read_table(settings.output / "generations")
    assert table.schema.names == [*GENERATIONS.names, "stars"]
    rows = table.to_pylist()
    expected = [
        (f"s{i}", sampler, index)
        for i in range(20)
        for sampler, count in (("beam", 2), ("distinct", 3), ("greedy", 1), ("top-p", 2))
        for index in range(count)
    ]
    assert [(row["seed_id"], row["sampler"], row["sample_index"]) for row in rows] == expected
    assert all(row["stars"] == int(row["seed_id"][1:]) for row in rows)
    assert all(row["n_tokens"] == len(row["token_ids"]) <= 12 for row in rows)
    assert [file.path for file in manifest.files] == [
        *(f"generations/part-0000{i}.parquet" for i in range(3)),
        "rejects/part-00000.parquet",
    ]
    assert (manifest.facts["seeds"], manifest.facts["generated"], manifest.facts["rejects"]) == (20, 20, 0)
    assert manifest.facts["rows"] == 160
    assert manifest.facts["tokens"] == sum(row["n_tokens"] for row in rows)
    assert generate(settings, silent) == manifest


def test_the_rows_do_not_depend_on_order_shards_lanes_or_other_seeds(tmp_path, rnn):
    plain = settings_of(tmp_path, rnn, seed_file(20))
    other = settings_of(tmp_path, rnn, seed_file(30, shuffled=True), "b.csv", "b", lanes=3, seeds_per_part=100)
    for settings in (plain, other):
        generate(settings, silent)
    by_key = {(row["seed_id"], row["sampler"], row["sample_index"]): row for row in rows_of(other)}
    assert all(by_key[row["seed_id"], row["sampler"], row["sample_index"]] == row for row in rows_of(plain))


def test_lanes_leave_the_bytes_as_they_are(tmp_path, rnn):
    digests = set()
    for lanes in (1, 3):
        settings = settings_of(tmp_path, rnn, seed_file(20), output=f"lanes-{lanes}", lanes=lanes)
        digests.add(generate(settings, silent).digest())
    assert len(digests) == 1


def test_an_interrupted_job_goes_on_and_ends_with_the_same_bytes(tmp_path, rnn):
    whole = generate(settings_of(tmp_path, rnn, seed_file(40), output="whole"), silent)
    broken = settings_of(tmp_path, rnn, seed_file(40), output="broken", lanes=1)
    parts = working_directory(tmp_path / "broken") / "generations"

    def interrupt(update):
        if len(list(parts.glob("*.parquet"))) >= 2:
            raise KeyboardInterrupt

    import textgen_core.generation.job as job

    job.SECONDS_BETWEEN_UPDATES, before = 0, job.SECONDS_BETWEEN_UPDATES
    with pytest.raises(KeyboardInterrupt):
        generate(broken, interrupt)
    job.SECONDS_BETWEEN_UPDATES = before
    finished = {path.name: path.stat().st_mtime_ns for path in parts.glob("*.parquet")}
    assert 2 <= len(finished) < 6
    assert generate(broken, silent).digest() == whole.digest()
    done = settings_of(tmp_path, rnn, seed_file(40), output="broken").output / "generations"
    assert {name: (done / name).stat().st_mtime_ns for name in finished} == finished


@pytest.mark.parametrize("until", [None, {"budget": 2}])
def test_only_seeds_that_are_answered_are_progress(tmp_path, rnn, monkeypatch, until):
    import textgen_core.generation.job as job

    updates, content = [], seed_file(40) + "s40,,0\n" * 3
    monkeypatch.setattr(job, "SECONDS_BETWEEN_UPDATES", 0)
    told = {"samplers": {"top-p": {"top_p": 0.9}}, "max_reject_share": 1, "until": until}
    settings = settings_of(tmp_path, rnn, content, **told)
    generate(settings, updates.append)
    phases = {}
    for update in updates:
        phases.setdefault(update.phase, []).append(update)
    for phase in phases.values():
        counts = [update.done for update in phase]
        assert counts == sorted(counts) and counts.count(43) == 1 and counts[-1] == phase[-1].total
    assert len(set(counts)) > 2 and min(counts) < 43, "it rises as they are answered"


def test_a_job_that_goes_on_says_how_many_tokens_were_there_before(tmp_path, rnn):
    whole = settings_of(tmp_path, rnn, seed_file(20), output="whole")
    assert "earlier_tokens" not in generate(whole, silent).facts
    begun = working_directory(tmp_path / "again") / "generations"
    begun.mkdir(parents=True)
    (begun.parent / KEY).write_text(generation_key(whole).digest)
    shutil.copy(whole.output / "generations" / "part-00001.parquet", begun)
    facts = generate(settings_of(tmp_path, rnn, seed_file(20), output="again"), silent).facts
    there = pq.read_table(whole.output / "generations" / "part-00001.parquet")["n_tokens"].to_pylist()
    assert facts["earlier_tokens"] == sum(there)
    assert 0 < facts["earlier_tokens"] < facts["tokens"]


@pytest.mark.slow
@pytest.mark.timeout(900)  # six jobs, each of which compiles anew
def test_a_killed_job_ends_with_the_same_bytes(tmp_path, transformer):
    options = {"max_new_tokens": 30, "samples": 10, "samplers": SAMPLERS}
    whole = generate(settings_of(tmp_path, transformer, seed_file(200, width=40), output="whole", **options), silent)
    settings = settings_of(tmp_path, transformer, seed_file(200, width=40), output="killed", **options)
    command = [sys.executable, "-c", PROGRAM, settings.model_dump_json()]
    begun = working_directory(tmp_path / "killed")
    parts = begun / "generations"
    for enough in (0, 1, 9, 20):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not (
            begun.exists() and len(list(parts.glob("*.parquet"))) >= enough + bool(enough)
        ):
            time.sleep(0.01)
        assert process.poll() is None, "it ended before it was killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, capture_output=True)
    assert read_manifest(settings.output).digest() == whole.digest()


def test_prompts_that_are_too_long(tmp_path, transformer):
    content = "id,prompt\nshort,ab\nborder," + "x" * 51 + "\nlong," + "xy" * 40 + "\nempty,\n"
    for policy in ("keep-tail", "reject"):
        settings = settings_of(
            tmp_path, transformer, content, output=policy, too_long=policy, max_reject_share=0.3, samplers={"s": {}}
        )
        generate(settings, silent)
        cut = {row["seed_id"]: row["prompt_cut"] for row in rows_of(settings)}
        if policy == "keep-tail":
            assert cut == {"short": False, "border": False, "long": True, "empty": False}
        else:
            assert cut == {"short": False, "border": False, "empty": False}
            assert rows_of(settings, "rejects")[0]["code"] == "too-long"


def test_too_many_refused_seeds_fail_the_job(tmp_path, rnn):
    with pytest.raises(InputError, match="2 no-id"):
        generate(settings_of(tmp_path, rnn, "id,prompt\n,a\n,b\nc,c\n"), silent)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"max_new_tokens": 64}, SettingsError),
        ({"prompt_column": "text"}, InputError),
        ({"id_column": "x"}, InputError),
    ],
)
def test_what_does_not_fit_is_one_clear_error(tmp_path, transformer, options, error):
    with pytest.raises(error):
        generate(settings_of(tmp_path, transformer, seed_file(3), **options), silent)


def test_trying_a_prompt_gives_the_text_of_a_job(tmp_path, rnn):
    settings = settings_of(tmp_path, rnn, "To be\n", "s.txt", samplers={"s": {"top_p": 0.9}}, stop=["e"])
    generate(settings, silent)
    pieces = list(continue_prompt(load_model(rnn), load_tokenizer(rnn), "To be", settings))
    assert "".join(pieces) == rows_of(settings)[0]["text"]
