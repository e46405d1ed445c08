"""The service for real: up, a deployment triggered, its datasets there, its pages looked at, down, nothing left."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from flows.service.api import call
from flows.service.detection import answers
from flows.service.lifecycle import down, up
from flows.service.nightly import read_nightly, switched_on, write_nightly
from tests.processes import marked, until
from textgen_core.datasets.verify import verify

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SHOTS = os.environ.get("TEXTGEN_SCREENSHOTS")
"""Where to keep the screenshots; else they are thrown away with the test's directory."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
VERSE = "The lamp burns low and the wind is still,\nand nobody walks on the moonlit hill.\n\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A service that is up, and its state directory."""
    directory, workplace = tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("work")
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        patch.delenv(name)
    patch.setenv("TEXTGEN_STATE", str(directory))
    patch.setenv("HOME", str(directory))
    patch.chdir(workplace)
    started = up(port=4390, directory=directory)
    yield started.api.url, directory, workplace
    down(directory)
    patch.undo()


def deployments(url):
    return {entry["name"]: entry for entry in call(url, "deployments/filter", {})}


ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def trigger(url, deployment, parameters):
    """Start a run as a person or a scheduler would."""
    return call(url, f"deployments/{deployment['id']}/create_flow_run", {"parameters": parameters})


def finished(url, run, patience=400):
    """The run once it has ended."""

    def ended():
        found = call(url, f"flow_runs/{run['id']}")
        return found if found["state_type"] in ENDED else None

    return until(ended, f"{run['name']} ends", patience)


@pytest.fixture(scope="module")
def run(service):
    """A pipeline run that was triggered as a person or a scheduler would, with parameters of the form."""
    url, _, workplace = service
    paragraphs = [VERSE.replace("hill", f"hill number {number}") for number in range(200)]
    (workplace / "verse.txt").write_text("".join(paragraphs))
    config = {
        "output": "out",
        "ingestion": {"inputs": ["verse.txt"]},
        "models": {"char-lstm": {"tokenization": {"tokenizer": {"kind": "char"}}, "training": {"preset": "tiny"}}},
        "seeds": {"count": 4},
        "generation": {
            "max_new_tokens": 40,
            "samplers": {"greedy": {"strategy": "greedy"}, "top-k": {"strategy": "sample", "top_k": 20}},
        },
    }
    return finished(url, trigger(url, deployments(url)["on-demand"], {"config": config}))


def test_up_again_changes_nothing(service):
    url, directory, _ = service
    again = up(directory=directory)
    assert (again.api.url, again.started) == (url, False)


def test_every_flow_is_deployed_and_the_night_is_scheduled(service):
    found = call(service[0], "deployments/filter", {})
    flows = {entry["entrypoint"].split(".")[1] for entry in found}
    modules = {path.stem for path in Path(__file__).parents[2].joinpath("flows").glob("*.py")} - {"__init__"}
    assert flows == modules
    assert deployments(service[0])["nightly"]["schedules"][0]["schedule"]["cron"] == "0 3 * * *"


def test_a_triggered_deployment_leaves_its_datasets(service, run):
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    assert run["name"] == "pipeline into out"
    out = service[2] / "out"
    for product in ("documents", "char-lstm/generations", "char-lstm/metrics"):
        assert list((out / product).glob("*.parquet")), product
    assert (out / "report.html").is_file()
    assert [verify(directory) for directory in (out / ".store").iterdir() if directory.is_dir()] == [[]] * 7


def test_the_core_logs_into_the_run(service, run):
    logs = call(service[0], "logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}})
    assert any(entry["name"].startswith("textgen_core") for entry in logs)


@pytest.fixture(scope="module")
def page(service, tmp_path_factory):
    """A page of a headless browser; it must reach nothing but loopback."""
    if CHROMIUM is None:
        pytest.skip(reason="needs Chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    outside = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=CHROMIUM,
            headless=True,
            args=[*FLAGS.split(), "--disable-sync"],
            viewport={"width": 1280, "height": 900},
        )
        page = browser.new_page()
        page.set_default_timeout(30_000)
        page.on("request", lambda request: outside.append(request.url) if "//127.0.0.1" not in request.url else None)
        yield page
        browser.close()
    assert [url for url in outside if not url.startswith(("data:", "blob:"))] == []


def shoot(page, name, tmp_path):
    page.wait_for_timeout(1500)  # the timeline is drawn a moment after its data are there
    folder = Path(SHOTS) if SHOTS else tmp_path
    page.screenshot(path=folder / f"{name}.png")


def test_the_page_of_a_run_shows_its_stages(service, run, page, tmp_path):
    page.goto(f"{service[0].removesuffix('/api')}/runs/flow-run/{run['id']}")
    page.get_by_text("pipeline into out").first.wait_for()
    page.get_by_text("Completed", exact=True).first.wait_for()
    shoot(page, "prefect-run", tmp_path)


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("char-lstm-training-summary", ["char-lstm/training", "validation loss"]),
        ("char-lstm-generation-summary", ["greedy", "top-k"]),
        ("char-lstm-evaluation-summary", ["bits per char"]),
        ("pipeline", ["char-lstm/generation", "done now"]),
    ],
)
def test_the_pages_of_artifacts_show_what_was_made(service, run, page, tmp_path, key, texts):
    url = service[0]
    artifact = next(entry for entry in call(url, "artifacts/latest/filter", {}) if entry["key"] == key)
    page.goto(f"{url.removesuffix('/api')}/artifacts/artifact/{artifact['latest_id']}")
    for text in texts:
        page.get_by_text(text).first.wait_for()
    assert "&#" not in page.inner_text("body")
    if key.endswith("training-summary"):
        image = page.locator("img[src^='data:image/svg']")
        image.wait_for()
        assert image.evaluate("image => image.naturalWidth") > 100
    shoot(page, f"prefect-{key}", tmp_path)


@pytest.mark.parametrize("name", ["bulk", "nightly", "on-demand"])
def test_a_deployment_has_a_form_with_help(service, page, tmp_path, name):
    page.goto(f"{service[0].removesuffix('/api')}/deployments/deployment/{deployments(service[0])[name]['id']}/run")
    help_text = {"bulk": "Named samplers", "nightly": "growing corpus", "on-demand": "The models to train"}[name]
    page.get_by_text(help_text).first.wait_for()
    shoot(page, f"prefect-form-{name}", tmp_path)


def test_bad_parameters_are_refused_before_anything_runs(service):
    from textgen_core.errors import ServiceError

    with pytest.raises(ServiceError, match="max_new_tokens"):
        parameters = {"settings": {"model": "m", "seeds": "s", "output": "o", "max_new_tokens": -1}}
        trigger(service[0], deployments(service[0])["bulk"], parameters)


def test_a_night_and_then_a_bulk_job_with_its_champion(service, run):
    """With the parameters that the deployments come with, but for the size of the model."""
    url, _, workplace = service
    (workplace / "texts").mkdir()
    shutil.copy(workplace / "verse.txt", workplace / "texts" / "monday.txt")
    write_nightly(url, switched_on(read_nightly(url), workplace / "texts", workplace / "models"))
    nightly = deployments(url)["nightly"]
    assert nightly["schedules"][0]["active"]
    settings = {**nightly["parameters"]["settings"], "training": {"preset": "tiny"}}
    night = finished(url, trigger(url, nightly, {"settings": settings}))
    assert (night["state_type"], night["name"]) == ("COMPLETED", "retrain models"), night["state"]["message"]
    assert (workplace / "models" / "v1" / "model.safetensors").is_file()
    (workplace / "seeds.csv").write_text("id,prompt\na,The lamp\nb,\n")
    bulk = finished(url, trigger(url, deployments(url)["bulk"], deployments(url)["bulk"]["parameters"]))
    assert bulk["state_type"] == "COMPLETED", bulk["state"]["message"]
    assert verify(workplace / "runs" / "bulk") == []


def test_every_stage_can_be_triggered_by_itself(service, run):
    url, _, workplace = service
    out = workplace / "out"
    of_model = {name: str((out / "char-lstm" / place).resolve()) for name, place in {"model": "model"}.items()}
    placed = {
        name: str((out / "char-lstm" / name).resolve().parent) for name in ("generations", "metrics", "sequences")
    }
    corpus = str((out / "documents").resolve().parent)
    evaluated = {"generations": placed["generations"], "tokens": placed["sequences"], "corpus": corpus, **of_model}
    compared = {"name": "m", "generations": placed["generations"], "tokens": placed["sequences"], **of_model}
    wanted = {
        "ingestion": {"inputs": ["verse.txt"], "unit": "paragraph"},
        "seeding": {"corpus": corpus},
        "tokenization": {"corpus": corpus, "tokenizer": {"kind": "char"}},
        "training": {"tokens": placed["sequences"], "preset": "tiny", "steps": 2},
        "evaluation": evaluated,
        "reporting": {"runs": [{**compared, "evaluation": placed["metrics"]}], "corpus": corpus},
    }
    stages = {entry["entrypoint"].split(".")[1]: entry for entry in call(url, "deployments/filter", {})}
    started = {
        name: trigger(url, stages[name], {"settings": {**settings, "output": f"alone/{name}"}})
        for name, settings in wanted.items()
    }
    ended = {name: finished(url, created) for name, created in started.items()}
    assert {name: run["state_type"] for name, run in ended.items()} == dict.fromkeys(wanted, "COMPLETED")
    assert {name: verify(workplace / "alone" / name) for name in wanted} == {name: [] for name in wanted}


def processes_of(run):
    """Numbers of the processes that a worker started for a run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"PREFECT__FLOW_RUN_ID={run['id']}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def test_a_run_whose_process_is_killed_has_crashed_and_the_next_one_goes_on(service):
    url, _, workplace = service
    (workplace / "song.txt").write_text("".join(VERSE.replace("hill", f"hill of {number}") for number in range(200)))
    config = {"output": "killed", "ingestion": {"inputs": ["song.txt"]}, "seeds": {"count": 2}}
    training = {"preset": "tiny", "steps": 3000, "evaluate_every": 1000, "checkpoint_every": 0.2}
    config |= {"models": {"m": {"training": training}}, "generation": {"max_new_tokens": 4}}
    created = trigger(url, deployments(url)["on-demand"], {"config": config})
    store = workplace / "killed" / ".store"
    until(
        lambda: list(store.glob(".training-*.partial/*/scratch/checkpoints/*.safetensors")),
        "there is a checkpoint",
        300,
    )
    for number in processes_of(created):
        os.kill(number, signal.SIGKILL)
    assert finished(url, created)["state_type"] == "CRASHED"
    before = {path.parent.name: path.stat().st_mtime_ns for path in store.glob("*/manifest.json")}
    again = finished(url, trigger(url, deployments(url)["on-demand"], {"config": config}))
    assert again["state_type"] == "COMPLETED", again["state"]["message"]
    assert {name: (store / name / "manifest.json").stat().st_mtime_ns for name in before} == before, (
        "none was done again"
    )
    assert {path.name.split("-")[0] for path in store.glob("*/") if path.name not in before} >= {
        "training",
        "reporting",
    }


def test_down_ends_everything_and_says_what_became_of_the_runs(service):
    """Last in this file: it ends the service while a run is at work."""
    url, directory, workplace = service
    config = {"output": "long", "ingestion": {"inputs": [str(workplace / "verse.txt")]}}
    config["models"] = {"m": {"training": {"preset": "tiny", "steps": 1_000_000, "evaluate_every": 1_000_000}}}
    verses = [VERSE.replace("hill", f"hill and dale {number}") for number in range(200)]
    (workplace / "verse.txt").write_text("".join(verses))
    trigger(url, deployments(url)["on-demand"], {"config": config})
    until(lambda: list((workplace / "long" / ".store").glob(".training-*.partial")), "it trains", 300)
    assert down(directory)
    assert not answers(url)
    assert marked(directory) == []
    assert not down(directory)
    with closing(sqlite3.connect(directory / "prefect" / "prefect.db")) as database:
        states = dict(database.execute("select name, state_type from flow_run"))
    assert states["pipeline into long"] == "CRASHED", "no run of a worker that is gone stays Running"


def test_a_temporary_server_leaves_nothing(tmp_path):
    program = (
        "from flows.service.lifecycle import temporary_server\n"
        "from flows.service.detection import answers\n"
        "with temporary_server() as api:\n"
        "    api.use()\n"
        "    from prefect import flow\n"
        "    flow(name='short')(lambda: 1)()\n"
        "    print(api.url, api.home)\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {"TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert not answers(done.stdout.split()[0])
    assert list(tmp_path.glob("textgen-server-*")) == []
