"""A stage directory is whole or not there, is made once, and resumes what a killed attempt left."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textgen_core.datasets.manifest import MANIFEST, RunKey, find_manifest, read_manifest
from textgen_core.datasets.parts import PartWriter, read_table, write_parts
from textgen_core.datasets.stage import SCRATCH, finished, run_stage
from textgen_core.datasets.verify import verify
from textgen_core.errors import DatasetError

SCHEMA = pa.schema([("n", pa.int64())])


def key(**settings) -> RunKey:
    return RunKey(stage="toy", code_version=1, schema_version=1, settings=settings, inputs={}, numerics={})


def write_numbers(partial: Path) -> dict[str, int]:
    with PartWriter(partial / "numbers" / "part-00000.parquet", SCHEMA) as part:
        part.write([{"n": n} for n in range(10)])
    return {"rows": 10}


def must_not_run(partial: Path) -> dict[str, int]:
    raise AssertionError("a finished stage ran again")


def test_a_stage_is_committed_once_and_verifies(tmp_path):
    manifest = run_stage(key(), tmp_path / "out", write_numbers)
    assert manifest == run_stage(key(), tmp_path / "out", must_not_run)
    assert [(file.path, file.rows) for file in manifest.files] == [("numbers/part-00000.parquet", 10)]
    assert manifest.facts == {"rows": 10}
    assert verify(tmp_path / "out") == []
    assert {path.name for path in tmp_path.iterdir()} == {"out", ".out.lock"}


def test_another_run_is_refused_and_the_message_says_what_differs(tmp_path):
    run_stage(key(k=1), tmp_path / "out", write_numbers)
    with pytest.raises(DatasetError, match="setting k differs"):
        run_stage(key(k=2), tmp_path / "out", must_not_run)


def test_a_foreign_directory_is_refused_and_left_alone(tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(DatasetError, match=r"manifest\.json"):
        run_stage(key(), tmp_path, must_not_run)
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_an_empty_directory_may_be_filled(tmp_path):
    (tmp_path / "out").mkdir()
    run_stage(key(), tmp_path / "out", write_numbers)
    assert finished(tmp_path / "out", key()) is not None


def test_a_failed_body_leaves_nothing_visible_and_its_parts_for_the_next(tmp_path):
    def fails(partial: Path) -> dict[str, int]:
        write_numbers(partial)
        raise RuntimeError("late")

    with pytest.raises(RuntimeError):
        run_stage(key(), tmp_path / "out", fails)
    assert not (tmp_path / "out").exists()

    def goes_on(partial: Path) -> dict[str, int]:
        return {"rows": read_table(partial / "numbers").num_rows}

    assert run_stage(key(), tmp_path / "out", goes_on).facts == {"rows": 10}


def test_the_leftovers_of_another_run_are_not_resumed(tmp_path):
    def fails(partial: Path) -> dict[str, int]:
        write_numbers(partial)
        raise RuntimeError("late")

    with pytest.raises(RuntimeError):
        run_stage(key(k=1), tmp_path / "out", fails)

    def looks(partial: Path) -> dict[str, int]:
        assert not (partial / "numbers").exists()
        return write_numbers(partial)

    run_stage(key(k=2), tmp_path / "out", looks)


def test_scratch_and_half_written_files_are_not_committed(tmp_path):
    def body(partial: Path) -> dict[str, int]:
        (partial / SCRATCH).mkdir()
        (partial / SCRATCH / "checkpoint").write_text("x")
        (partial / ".part.parquet.tmp").write_text("half")
        return write_numbers(partial)

    run_stage(key(), tmp_path / "out", body)
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert found == {MANIFEST, "numbers/part-00000.parquet"}


KILLED_AT = """
import os, signal, sys
from pathlib import Path
import textgen_core.datasets.stage as stage
from tests.datasets.test_stage import key, write_numbers

def dies(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(*{target}, dies)
stage.run_stage(key(), Path(sys.argv[1]), write_numbers)
"""


@pytest.mark.parametrize(
    "target", ["(stage, '_results')", "(stage.shutil, 'rmtree')", "(stage.Path, 'rename')", "(stage, 'sync_directory')"]
)
def test_killed_during_the_commit_it_ends_the_same(tmp_path, target):
    program = textwrap.dedent(KILLED_AT).format(target=target)
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path / "out")], cwd=Path(__file__).parents[2])
    assert killed.returncode == -signal.SIGKILL
    run_stage(key(), tmp_path / "out", write_numbers)
    assert verify(tmp_path / "out") == []
    assert read_manifest(tmp_path / "out").facts == {"rows": 10}


def test_two_processes_never_write_one_directory(tmp_path):
    def body(partial: Path) -> dict[str, int]:
        with pytest.raises(DatasetError, match="one process at a time"):
            run_stage(key(), tmp_path / "out", must_not_run)
        return write_numbers(partial)

    run_stage(key(), tmp_path / "out", body)


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (flip_a_byte, "other bytes"),
        (Path.unlink, "missing"),
        (lambda path: os.truncate(path, 40), "bytes, the manifest says"),
        (lambda path: path.with_name("extra.parquet").write_bytes(b""), "not in the manifest"),
    ],
)
def test_verify_names_each_kind_of_damage(tmp_path, damage, told):
    run_stage(key(), tmp_path / "out", write_numbers)
    damage(tmp_path / "out" / "numbers" / "part-00000.parquet")
    [problem] = verify(tmp_path / "out")
    assert told in problem


def test_a_manifest_is_found_from_inside_and_its_digest_is_of_contents_alone(tmp_path):
    first = run_stage(key(k=1), tmp_path / "a", write_numbers)
    second = run_stage(key(k=2), tmp_path / "b", write_numbers)
    assert first.digest() == second.digest() == first.digest("numbers") != first.digest("others")
    assert find_manifest(tmp_path / "a" / "numbers") == tmp_path / "a"
    assert find_manifest(tmp_path / "elsewhere") is None


def test_write_parts_cuts_at_the_size_and_writes_one_part_for_nothing(tmp_path):
    tables = [pa.table({"n": [n, n]}) for n in range(5)]
    assert write_parts(tmp_path / "some", SCHEMA, tables, rows_per_part=4) == 10
    assert len(list((tmp_path / "some").glob("*.parquet"))) == 3
    assert read_table(tmp_path / "some")["n"].to_pylist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert write_parts(tmp_path / "none", SCHEMA, [], rows_per_part=4) == 0
    assert read_table(tmp_path / "none").schema.names == ["n"]


def test_a_flipped_bit_in_a_part_is_never_read_silently(tmp_path):
    write_numbers(tmp_path)
    path = tmp_path / "numbers" / "part-00000.parquet"
    sound = path.read_bytes()
    rows = read_table(tmp_path / "numbers")
    column = pq.read_metadata(path).row_group(0).column(0)
    first = column.dictionary_page_offset or column.data_page_offset
    for position in range(first, first + column.total_compressed_size):
        path.write_bytes(sound[:position] + bytes([sound[position] ^ 4]) + sound[position + 1 :])
        try:
            read = read_table(tmp_path / "numbers")
        except DatasetError:
            continue
        assert read.equals(rows), f"byte {position}: other rows, and no error"


def test_a_part_whose_block_raises_leaves_no_file(tmp_path):
    with pytest.raises(RuntimeError), PartWriter(tmp_path / "part-00000.parquet", SCHEMA) as part:
        part.write([{"n": 1}])
        raise RuntimeError("late")
    assert list(tmp_path.iterdir()) == []
