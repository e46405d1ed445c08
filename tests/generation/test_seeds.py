"""Seed files of every format, and every way in which a row of one can be wrong."""

import bz2
import gzip
import json
import lzma
from itertools import permutations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.datasets.schemas import REJECTS
from textgen_core.errors import InputError, TextgenError
from textgen_core.generation.formats import check_seed_file, seed_format
from textgen_core.generation.refusal import Refusal
from textgen_core.generation.seeds import nearly_knobs, passing_columns, read_seeds
from textgen_core.generation.settings import GenerationOptions
from textgen_core.generation.survey import survey

OPTIONS = GenerationOptions()
TEXT = b"".join(b"prompt %d\n" % n for n in range(1000))


def seeds_of(path, content=None, **options):
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    options = GenerationOptions(**options)
    found = survey(path, options)
    return list(read_seeds(path, found, options)), passing_columns(found, options)


def outcome(seed):
    return seed.code if isinstance(seed, Refusal) else seed.prompt


def test_a_directory_of_seeds_is_refused_with_the_name_of_the_file_in_it(tmp_path):
    (tmp_path / "drawn").mkdir()
    with pytest.raises(InputError, match="Check its name"):
        check_seed_file(tmp_path / "drawn")
    file = tmp_path / "drawn" / "seeds.parquet"
    file.write_bytes(b"")
    check_seed_file(file)
    with pytest.raises(InputError) as error:
        check_seed_file(tmp_path / "drawn")
    assert str(file) in str(error.value)


def test_txt_is_a_prompt_a_line(tmp_path):
    seeds, columns = seeds_of(tmp_path / "s.txt", "\ufeffone\r\n\ntwo\u2028still two\n=HYPERLINK(1)")
    assert [seed.prompt for seed in seeds] == ["one", "", "two\u2028still two", "=HYPERLINK(1)"]
    assert len(columns) == 0


def test_csv_keeps_its_columns_and_guesses_their_types(tmp_path):
    text = 'prompt,stars,zip,share,note\n"a, ""b""\nc",5,007,0.5,x\n=1+1,,123,2,\n'
    seeds, columns = seeds_of(tmp_path / "s.csv", text)
    assert [seed.prompt for seed in seeds] == ['a, "b"\nc', "=1+1"]
    assert columns == pa.schema(
        [("stars", pa.int64()), ("zip", pa.string()), ("share", pa.float64()), ("note", pa.string())]
    )
    assert [seed.own for seed in seeds] == [
        {"stars": 5, "zip": "007", "share": 0.5, "note": "x"},
        {"stars": None, "zip": "123", "share": 2.0, "note": ""},
    ]


def test_csv_rows_that_are_wrong(tmp_path):
    seeds, _ = seeds_of(tmp_path / "s.csv", b"prompt,b\nx,1\ny\nz,1,2\n\n\xff\xfe,2\nw,3\n")
    assert list(map(outcome, seeds)) == ["x", "wrong-cells", "wrong-cells", "undecodable", "w"]


def test_jsonl_rows_that_are_wrong(tmp_path):
    lines = [
        '{"prompt": "a"}',
        "{",
        "[1]",
        '{"prompt": 3}',
        '{"other": 1}',
        '{"prompt": null}',
        '{"prompt": "\\ud800"}',
        '{"prompt": "x", "y": NaN}',
        "[" * 100_000,
        "",
        '{"prompt": "", "deep": {"a": [1]}}',
    ]
    seeds, columns = seeds_of(tmp_path / "s.jsonl", "\n".join(lines))
    expected = ["a", *["bad-json"] * 2, *["no-text"] * 3, "undecodable", "bad-json", "too-deep", ""]
    assert list(map(outcome, seeds)) == expected
    assert columns.field("deep").type == pa.string()
    assert json.loads(seeds[-1].own["deep"]) == {"a": [1]}


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_files_are_read_by_the_suffix_before(tmp_path, pack):
    name = {gzip.compress: "s.jsonl.gz", bz2.compress: "s.jsonl.bz2", lzma.compress: "s.jsonl.xz"}[pack]
    seeds, columns = seeds_of(tmp_path / name, pack(b'{"prompt": "a", "n": 1}\n'))
    assert ([seed.prompt for seed in seeds], columns.names) == (["a"], ["n"])
    assert seed_format(tmp_path / name) == ".jsonl"


def test_a_quote_that_is_never_closed_costs_one_seed(tmp_path):
    lines = "".join(f"line {n},{n}\n" for n in range(50))
    seeds, _ = seeds_of(tmp_path / "s.csv", f'prompt,n\n"open,1\n{lines}"over\ntwo",2\n')
    assert list(map(outcome, seeds)) == ["bad-csv", *(f"line {n}" for n in range(50)), "over\ntwo"]
    assert seeds[0].raw == '"open,1'


def test_nul_half_characters_and_deep_json_are_refused_and_can_be_written(tmp_path):
    deep = '{"prompt": "a", "x": ' + "[" * 101 + "]" * 101 + "}"
    seeds, _ = seeds_of(tmp_path / "s.jsonl", '{"prompt": "a\\u0000"}\n{"prompt": "\\ud800"}\n' + deep)
    assert list(map(outcome, seeds)) == ["nul", "undecodable", "too-deep"]
    rows = [seed.row("s.jsonl", number) for number, seed in enumerate(seeds)]
    assert pa.Table.from_pylist(rows, schema=REJECTS).num_rows == 3


def test_utf16_by_its_mark(tmp_path):
    seeds, _ = seeds_of(tmp_path / "s.csv", "prompt,n\nçé,1\n".encode("utf-16"))
    assert (seeds[0].prompt, seeds[0].own) == ("çé", {"n": 1})


def test_parquet_keeps_its_types(tmp_path):
    table = pa.table(
        {
            "prompt": pa.array(["a", None, "c"]).dictionary_encode(),
            "n": pa.array([1, 2, 3], pa.int8()),
            "l": pa.array([[1], None, []], pa.list_(pa.int16())),
        }
    )
    pq.write_table(table, tmp_path / "s.parquet")
    seeds, columns = seeds_of(tmp_path / "s.parquet")
    assert list(map(outcome, seeds)) == ["a", "no-text", "c"]
    assert columns == table.schema.remove(0)


def test_ids_are_used_and_must_differ(tmp_path):
    seeds, columns = seeds_of(tmp_path / "s.csv", "id,prompt\n7,a\n8,b\n7,c\n,d\n")
    assert [seed.key for seed in seeds[:2]] == ["7", "8"]
    assert list(map(outcome, seeds)) == ["a", "b", "duplicate-id", "no-id"]
    assert columns.names == []
    seeds, columns = seeds_of(tmp_path / "s.csv", id_column="prompt")
    assert [seed.key for seed in seeds] == ["a", "b", "c", "d"]


@settings(max_examples=50)
@given(prompts=st.lists(st.sampled_from(["a", "b", "ab", ""]), min_size=1, max_size=12), data=st.data())
def test_without_ids_a_prompt_is_its_own_name(tmp_path_factory, prompts, data):
    path = tmp_path_factory.mktemp("seeds") / "s.txt"
    keys = [seed.key for seed in seeds_of(path, "\n".join(prompts) + "\n")[0]]
    assert len(set(keys)) == len(keys)
    shuffled = data.draw(st.permutations(prompts)) + data.draw(st.lists(st.sampled_from(["a", "z"]), max_size=3))
    more = [(seed.prompt, seed.key) for seed in seeds_of(path, "\n".join(shuffled) + "\n")[0]]
    assert set(zip(prompts, keys, strict=True)) <= set(more)


def test_rows_with_the_same_prompt_keep_their_names_in_any_order(tmp_path):
    rows = ["a,0.5", "b,1", "a,1.5", "a,0.5", "a,"]
    by_order = [
        sorted(
            (seed.key, str(seed.knobs)) for seed in seeds_of(tmp_path / "s.csv", "\n".join(["prompt,top_p", *order]))[0]
        )
        for order in permutations(rows)
    ]
    assert len(by_order[0]) == len({key for key, _ in by_order[0]}) == 5
    assert all(found == by_order[0] for found in by_order)


def test_a_file_names_its_seeds_by_one_column(tmp_path):
    seeds, _ = seeds_of(tmp_path / "s.jsonl", '{"prompt": "a", "id": "x"}\n{"prompt": "b", "seed_id": "x"}')
    assert list(map(outcome, seeds)) == ["no-id", "b"]


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["3.10", "1e3"], pa.float64(), [3.1, 1000.0]),
        (["0.1234567890123456789", "1"], pa.string(), ["0.1234567890123456789", "1"]),
        (["1e999"], pa.string(), ["1e999"]),
        (["9007199254740993", "5"], pa.int64(), [9007199254740993, 5]),
        (["9007199254740993", "0.5"], pa.string(), ["9007199254740993", "0.5"]),
        (["99999999999999999999"], pa.string(), ["99999999999999999999"]),
    ],
)
def test_cells_are_numbers_where_these_keep_their_value(tmp_path, cells, kind, values):
    seeds, columns = seeds_of(tmp_path / "s.csv", "\n".join(["prompt,n", *(f"a,{cell}" for cell in cells)]))
    assert columns.field("n").type == kind
    assert [seed.own["n"] for seed in seeds] == values


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.txt", b""),
        ("s.csv", b"prompt\n"),
        ("s.csv", b"prompt,prompt\na,b\n"),
        ("s.csv", b"text\na\n"),
        ("s.csv", b'prompt\n"' + b"x" * (1 << 25)),
        ("s.jsonl", b'{"text": "a"}\n'),
        ("s.docx", b"x"),
        ("s.parquet", b"PAR1 cut off"),
        ("s.txt.gz", gzip.compress(TEXT)[:-20]),
        ("s.txt.zst", b"\x28\xb5\x2f\xfd cut off"),
        ("s.txt.bz2", bz2.compress(bytes(1 << 24))),
        ("s.gz", gzip.compress(TEXT)),
    ],
)
def test_a_file_that_cannot_be_used_is_one_clear_error(tmp_path, name, content):
    with pytest.raises(TextgenError) as error:
        seeds_of(tmp_path / name, content)
    assert str(tmp_path / name) in str(error.value)


def test_a_parquet_file_without_rows(tmp_path):
    pq.write_table(pa.table({"prompt": pa.array([], pa.string())}), tmp_path / "s.parquet")
    with pytest.raises(InputError, match="at least one seed"):
        seeds_of(tmp_path / "s.parquet")


def test_a_long_line_of_txt_is_refused_and_the_next_is_read(tmp_path):
    seeds, _ = seeds_of(tmp_path / "s.txt", b"a\n" + b"x" * (1 << 25) + b"\nb\n")
    assert list(map(outcome, seeds)) == ["a", "too-long", "b"]


def test_a_column_that_is_nearly_a_knob_is_noticed():
    columns = pa.schema([(name, pa.string()) for name in ("temprature", "topk", "top_p", "topic", "author", "id")])
    assert nearly_knobs(columns) == {"temprature": "temperature", "topk": "top_k"}


class TestKnobsLeftOut:
    """A cell without a value leaves the knob to the job."""

    COLUMNS = ("temperature", "top_k", "max_new_tokens", "stop", "sampler", "regex")

    def test_empty_cells_of_text(self, tmp_path):
        head, line = ",".join(["prompt", *self.COLUMNS]), "a" + "," * len(self.COLUMNS)
        seeds, _ = seeds_of(tmp_path / "s.csv", f"{head}\n{line}\nb,0.5,3,4,x,s,z\n")
        assert [len(seed.knobs) for seed in seeds] == [0, 6]

    def test_null_and_absent_keys_of_json(self, tmp_path):
        lines = [{"prompt": "a", **dict.fromkeys(self.COLUMNS)}, {"prompt": "b"}, {"prompt": "c", "top_k": 1}]
        seeds, _ = seeds_of(tmp_path / "s.jsonl", "\n".join(map(json.dumps, lines)))
        assert [seed.knobs for seed in seeds] == [{}, {}, {"top_k": 1}]

    def test_null_and_nan_of_parquet(self, tmp_path):
        """What other libraries write for a cell without a value."""
        table = {
            "prompt": ["a", "b", "c"],
            "temperature": [None, float("nan"), 0.5],
            "top_k": [4.0, None, float("nan")],
        }
        pq.write_table(pa.table(table), tmp_path / "s.parquet")
        seeds, _ = seeds_of(tmp_path / "s.parquet")
        assert [seed.knobs for seed in seeds] == [{"top_k": 4.0}, {}, {"temperature": 0.5}]
