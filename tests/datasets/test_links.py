"""Links change over at once: a reader meets the old directory or the new one, and a kill leaves nothing behind."""

import multiprocessing
import os
from pathlib import Path

import pytest

from textgen_core.datasets.links import point
from textgen_core.errors import DatasetError


@pytest.fixture
def targets(tmp_path):
    for name in ("one", "two"):
        (tmp_path / "store" / name).mkdir(parents=True)
        (tmp_path / "store" / name / "which").write_text(name)
    return [tmp_path / "store" / name for name in ("one", "two")]


def test_a_link_can_be_moved_with_what_it_leads_to(tmp_path, targets):
    point(tmp_path / "out" / "link", targets[0])
    tmp_path.joinpath("moved").mkdir()
    for name in ("out", "store"):
        (tmp_path / name).rename(tmp_path / "moved" / name)
    assert (tmp_path / "moved" / "out" / "link" / "which").read_text() == "one"


@pytest.mark.parametrize("dies", ["symlink_to", "replace"])
def test_a_change_that_dies_half_way_leaves_the_old_target_and_then_no_trace(tmp_path, targets, monkeypatch, dies):
    link = tmp_path / "link"
    point(link, targets[0])

    def die(self, *arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: 1)  # of a process that is gone
        patch.setattr(Path, dies, die)
        with pytest.raises(KeyboardInterrupt):
            point(link, targets[1])
    assert (link / "which").read_text() == "one"
    point(link, targets[1])
    assert (link / "which").read_text() == "two"
    assert {path.name for path in tmp_path.iterdir()} == {"link", "store"}


def _point_often(link, target):
    for _ in range(200):
        point(link, target)


def test_processes_that_change_a_link_at_once_leave_a_whole_one(tmp_path, targets):
    context = multiprocessing.get_context("spawn")
    changing = [context.Process(target=_point_often, args=(tmp_path / "link", target)) for target in targets]
    for process in changing:
        process.start()
    for process in changing:
        process.join()
    assert [process.exitcode for process in changing] == [0, 0]
    assert (tmp_path / "link" / "which").read_text() in {"one", "two"}


def test_a_folder_that_is_no_link_is_left_alone(tmp_path):
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "mine").write_text("mine")
    with pytest.raises(DatasetError, match="must be free"):
        point(tmp_path / "documents", tmp_path)
    assert (tmp_path / "documents" / "mine").read_text() == "mine"
