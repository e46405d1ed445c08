"""The service for real: up, a deployment triggered, its datasets there, its pages looked at, down, nothing left."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from flows.service.api import call
from flows.service.detection import answers
from flows.service.lifecycle import down, up
from flows.service.processes import MARK
from flows.service.server import mark_of
from textgen_core.datasets.verify import verify

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SHOTS = os.environ.get("TEXTGEN_SCREENSHOTS")
"""Where to keep the screenshots; else they are thrown away with the test's directory."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
VERSE = "The lamp burns low and the wind is still,\nand nobody walks on the moonlit hill.\n\n"


def marked(directory, role):
    """Processes that carry the mark of a service."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark_of(directory, role)}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(entry.name)
        except OSError:
            continue
    return found


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


def finished(url, run, patience=400):
    """The run once it has ended."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = call(url, f"flow_runs/{run['id']}")
        if found["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}:
            return found
        time.sleep(1)
    raise AssertionError(f"{run['name']} did not end")


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
    deployment = deployments(url)["on-demand"]["id"]
    created = call(url, f"deployments/{deployment}/create_flow_run", {"parameters": {"config": config}})
    return finished(url, created)


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
        pytest.skip("needs Chromium")
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

    deployment = deployments(service[0])["bulk"]["id"]
    with pytest.raises(ServiceError, match="max_new_tokens"):
        parameters = {"settings": {"model": "m", "seeds": "s", "output": "o", "max_new_tokens": -1}}
        call(service[0], f"deployments/{deployment}/create_flow_run", {"parameters": parameters})


def test_down_ends_everything_and_says_what_became_of_the_runs(service):
    """Last in this file: it ends the service while a run is at work."""
    url, directory, workplace = service
    deployment = deployments(url)["on-demand"]["id"]
    config = {"output": "long", "ingestion": {"inputs": [str(workplace / "verse.txt")]}}
    config["models"] = {"m": {"training": {"preset": "tiny", "steps": 1_000_000, "evaluate_every": 1_000_000}}}
    (workplace / "verse.txt").write_text(VERSE.replace("hill", "hill and dale") + VERSE)
    created = call(url, f"deployments/{deployment}/create_flow_run", {"parameters": {"config": config}})
    deadline = time.monotonic() + 120
    while call(url, f"flow_runs/{created['id']}")["state_type"] != "RUNNING" and time.monotonic() < deadline:
        time.sleep(0.5)
    assert down(directory)
    assert not answers(url)
    assert marked(directory, "server") == marked(directory, "worker") == []
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
