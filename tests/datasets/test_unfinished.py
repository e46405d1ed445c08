"""A plan names the first stage that is not finished, whatever else that would be told, and runs none."""

from functools import partial

import pytest

from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.stage import run_stage
from textgen_core.datasets.store import stored
from textgen_core.datasets.unfinished import UnfinishedError, stop

STAGES = ("first", "second", "third")


def key(stage, home=None):
    return RunKey(stage=stage, code_version=1, schema_version=1, settings={}, inputs={}, numerics={})


def gone_through(output, run):
    """All stages one after the other, of which run does what is not finished."""
    for stage in STAGES:
        stored(output, stage, partial(key, stage), lambda home: home, partial(run, stage))


@pytest.mark.parametrize("finished", [0, 1, 2])
def test_the_first_stage_that_is_not_finished_is_named(tmp_path, finished):
    def some(stage, home):
        if stage in STAGES[:finished]:
            return run_stage(key(stage), home, lambda partial: {})
        return stop(stage, home)

    for run in (some, stop):
        with pytest.raises(UnfinishedError) as found:
            gone_through(tmp_path, run)
        assert found.value.stage == STAGES[finished]
    assert len(list(tmp_path.rglob("manifest.json"))) == finished
