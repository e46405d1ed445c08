"""Sources by URL: each has a name of its own, and what a server does not tell is not taken for nothing."""

import zipfile

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from tests.ingestion.conftest import run, write
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
