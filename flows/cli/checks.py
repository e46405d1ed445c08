"""What ``textgen doctor`` looks at: functions that return findings, and never raise."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

from packaging.requirements import Requirement

from flows.service.api import call
from flows.service.detection import answers, configured_api
from textgen_core.errors import INSTALL
from textgen_core.numerics import has_gpu, numerics

GIB = 1 << 30
ROOM = 5 * GIB
"""Free disk space that a first run wants: corpus, tokens, checkpoints of a small model, and some to spare."""
MEMORY = 4 * GIB
"""Memory below which training a small model beside a Prefect server becomes slow."""
DEVICES = "import json, tensorflow as tf; print(json.dumps([d.name for d in tf.config.list_physical_devices()]))"


State = Literal["good", "note", "wrong"]


class Finding(NamedTuple):
    """One line of the doctor's report."""

    state: State
    what: str
    found: str
    remedy: str = ""


def versions() -> list[Finding]:
    """Python, this package, and everything it stands on: is each there, and is it one that was tested with?"""
    found = platform.python_version()
    good = (3, 11) <= sys.version_info[:2] < (3, 14)
    python = Finding(
        "good" if good else "wrong", "Python", found, "" if good else "Use 3.11 to 3.13: TensorFlow has no others"
    )
    return [python, Finding("good", "textgen", importlib.metadata.version("textgen")), *map(_package, _required())]


def urls() -> list[Finding]:
    """Can https:// be read? Nothing else needs what does it."""
    missing = [name for name in ("aiohttp", "requests") if importlib.util.find_spec(name) is None]
    if not missing:
        return [Finding("good", "https:// inputs", "can be read")]
    return [Finding("note", "https:// inputs", f"can't be read: no {' and '.join(missing)}", f"{INSTALL} -e '.[http]'")]


def _required() -> list[Requirement]:
    """The packages that this one cannot do without, and the versions it takes."""
    stated = map(Requirement, importlib.metadata.requires("textgen") or [])
    return [each for each in stated if each.marker is None or each.marker.evaluate({"extra": ""})]


def _package(required: Requirement) -> Finding:
    remedy = f"pip install '{required}'; in a clone: make clean, then make demo or make test"
    try:
        found = importlib.metadata.version(required.name)
    except importlib.metadata.PackageNotFoundError:
        return Finding("wrong", required.name, "missing", remedy)
    if not required.specifier.contains(found, prereleases=True):
        return Finding("wrong", required.name, f"{found}; needed is {required.specifier}", remedy)
    return Finding("good", required.name, found)


def machine() -> list[Finding]:
    """Processor, memory and disk."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    disk = shutil.disk_usage(Path.cwd()).free
    memory = available_memory()
    findings = [
        Finding("good", "processor", f"{cores} cores, {numerics('cpu')['device'].removeprefix('cpu ')}"),
        Finding(
            "good" if disk > ROOM else "wrong",
            "disk",
            f"{disk / GIB:,.1f} GiB free in {Path.cwd()}",
            "" if disk > ROOM else f"Free some, or work on another disk: {ROOM / GIB:.0f} GiB are comfortable",
        ),
    ]
    if memory is not None:
        low = memory < MEMORY
        remedy = "Close other programs, or choose --preset tiny" if low else ""
        findings.append(Finding("note" if low else "good", "memory", f"{memory / GIB:,.1f} GiB available", remedy))
    return findings


def available_memory() -> int | None:
    """Bytes that a new process may use; None where the system doesn't say."""
    try:
        table = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        free = int(table["MemAvailable"].split()[0]) * 1024
        limit = Path("/sys/fs/cgroup/memory.max")
        if limit.is_file() and (text := limit.read_text().strip()).isdigit():
            used = int(Path("/sys/fs/cgroup/memory.current").read_text())
            free = min(free, int(text) - used)
    except (OSError, KeyError, ValueError):
        return None
    return free


def work_space() -> list[Finding]:
    """Can files be written, renamed and locked here? Network disks sometimes can't."""
    import filelock

    try:
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            path = Path(folder) / "probe"
            with filelock.FileLock(path.with_suffix(".lock"), timeout=1):
                path.write_bytes(b"")
                path.rename(path.with_suffix(".done"))
    except (OSError, filelock.Timeout) as error:
        remedy = "Work in a directory of a local disk that you may write to"
        return [Finding("wrong", "work space", f"{Path.cwd()}: {error}", remedy)]
    return [Finding("good", "work space", f"{Path.cwd()} takes files, renames and locks")]


def server() -> list[Finding]:
    """Is there a Prefect server, and does it answer?"""
    api = configured_api()
    if api is None:
        return [Finding("note", "Prefect server", "none configured: commands run without one", "textgen up starts one")]
    if answers(api.url):
        version = call(api.url, "admin/version")
        here = importlib.metadata.version("prefect")
        remedy = "" if version == here else f"Runs are started by Prefect {here}: have both alike"
        state: State = "note" if remedy else "good"
        return [Finding(state, "Prefect server", f"{version} answers at {api.ui}", remedy)]
    return [Finding("note", "Prefect server", f"{api.url} does not answer", "textgen up, or start your own again")]


def devices() -> list[Finding]:
    """Does TensorFlow start, and what does it compute on? Asked in a process of its own, which may crash."""
    try:
        done = subprocess.run([sys.executable, "-c", DEVICES], capture_output=True, text=True, timeout=180)
    except (OSError, subprocess.TimeoutExpired) as error:
        return [Finding("wrong", "TensorFlow", str(error), "See whether the machine is overloaded")]
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        remedy = "It needs a processor with AVX" if done.returncode < 0 else "Install again: make clean, then make demo"
        return [Finding("wrong", "TensorFlow", last, remedy)]
    names = [name.removeprefix("/physical_device:") for name in json.loads(done.stdout.splitlines()[-1])]
    idle = has_gpu() and not any("GPU" in name for name in names)
    remedy = f"Install the gpu extra: {INSTALL} -e '.[gpu]'" if idle else ""
    return [Finding("note" if idle else "good", "TensorFlow", f"starts; devices: {', '.join(names)}", remedy)]


CHECKS: tuple[Callable[[], list[Finding]], ...] = (versions, urls, machine, work_space, server)
SLOW: tuple[Callable[[], list[Finding]], ...] = (devices,)
