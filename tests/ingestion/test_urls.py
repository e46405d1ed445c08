"""Sources by URL: each has a name of its own, and what a server does not tell is not taken for nothing."""

import bz2
import gzip
import io
import lzma
import zipfile

import fsspec
import pyarrow as pa
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from tests.ingestion.conftest import run, write
from tests.ingestion.test_hostile import TEXT, parquet_bytes, zstd
from textgen_core.errors import InputError
from textgen_core.ingestion.sources import find_sources
from textgen_core.ingestion.urls import url_of


class Hosts(MemoryFileSystem):
    """Servers each with files of their own, of whose URLs the paths hold no host, as by FTP."""

    protocol = "hosts"

    def __init__(self, host, password=None, **options):
        super().__init__(**options)
        self.host = host

    @staticmethod
    def _get_kwargs_from_urls(url):
        login, _, place = url.removeprefix("hosts://").rpartition("@")
        return {"host": place.partition("/")[0]} | ({"password": login.split(":")[1]} if login else {})

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol("/" + path.partition("://")[2].partition("/")[2] if "://" in path else path)


class Streaming(MemoryFileSystem):
    """A server that does not say how long a file is, nor goes back in it."""

    protocol = "streaming"

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.removeprefix("streaming://"))

    def info(self, path, **options):
        return super().info(path, **options) | {"size": None}

    def _open(self, path, *arguments, **options):
        return Stream(super()._open(path, *arguments, **options).getvalue())


class Stream(io.BytesIO):
    def seek(self, place, whence=0):
        raise ValueError("Cannot seek streaming HTTP file")


def archive(path, **texts):
    with zipfile.ZipFile(path, "w") as file:
        for name, text in texts.items():
            file.writestr(f"{name}.txt", text)


def test_files_of_one_name_in_two_archives_are_two_sources(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    archive("one.zip", a="first", b="second")
    archive("two.zip", a="third")
    result = run(tmp_path / "out", "zip://a.txt::one.zip", "zip://*.txt::one.zip", "zip://a.txt::two.zip")
    assert [(row["source"], row["text"]) for row in result.documents] == [
        ("zip://a.txt::one.zip", "first"),
        ("zip://a.txt::two.zip", "third"),
        ("zip://b.txt::one.zip", "second"),
    ]


def test_one_path_of_two_protocols_or_hosts_is_two_sources(monkeypatch):
    fsspec.register_implementation("hosts", Hosts, clobber=True)
    fsspec.filesystem("memory").pipe("/both/a.txt", b"text")
    urls = ["memory://both/a.txt", "hosts://one/both/*.txt", "hosts://me:secret@two/both/"]
    assert [source.name for source in find_sources(urls, "auto")] == [
        "hosts://me@two/both/a.txt",
        "hosts://one/both/a.txt",
        "memory:///both/a.txt",
    ]


def test_one_file_by_a_path_a_url_and_a_cache_is_one_source(tmp_path):
    path = write(tmp_path / "a.txt", "text")
    assert len(find_sources([str(path), f"file://{path}"], "auto")) == 1
    fsspec.filesystem("memory").pipe("/cached/a.txt", b"text")
    assert len(find_sources(["memory://cached/a.txt", "simplecache::memory://cached/a.txt"], "auto")) == 1


@pytest.mark.parametrize("chain", ["zip://a.txt::hosts://me:secret@two/x.zip", "hosts://me:secret@two/x.txt"])
def test_no_name_gives_a_password_away(chain):
    fsspec.register_implementation("hosts", Hosts, clobber=True)
    path = "/x.txt" if chain.startswith("hosts") else "a.txt"
    name = url_of(path, fsspec.filesystem("memory"), chain, path)
    assert "secret" not in name
    assert "hosts://me@two/x" in name


PACKERS = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd}


@pytest.mark.parametrize(("suffix", "pack"), PACKERS.items())
def test_a_packed_file_of_unknown_length_is_read_and_a_bomb_is_not(tmp_path, suffix, pack):
    fsspec.register_implementation("streaming", Streaming, clobber=True)
    files = fsspec.filesystem("memory")
    name = f"/unknown{suffix}/x.txt{suffix}"
    files.pipe(name, pack(TEXT))
    assert len(run(tmp_path / "out", f"streaming:/{name}", unit="line").texts) == TEXT.count(b"\n")
    if suffix:
        files.pipe(name, pack(b"more\n" * (4 << 20)))
        with pytest.raises(InputError, match=r"a source of [1-9].* may unpack to"):
            run(tmp_path / "bomb", f"streaming:/{name}", unit="line", max_compression_ratio=100)


def test_parquet_of_unknown_length_is_one_error(tmp_path):
    fsspec.register_implementation("streaming", Streaming, clobber=True)
    fsspec.filesystem("memory").pipe("/unknown.parquet", parquet_bytes(pa.table({"text": ["a"]}), tmp_path))
    with pytest.raises(InputError, match=r"readable; received: streaming://.*seek"):
        run(tmp_path / "out", "streaming://unknown.parquet")


def test_a_url_without_its_packages_says_how_to_have_them(monkeypatch):
    def no_package(url):
        raise ImportError('HTTPFileSystem requires "requests" and "aiohttp" to be installed')

    monkeypatch.setattr(fsspec.core, "url_to_fs", no_package)
    with pytest.raises(InputError, match=r"uv pip install --python .venv/bin/python -e '\.\[http\]'"):
        find_sources(["https://example.org/a.txt"], "auto")
