"""Runs benchmarks and keeps what they find: python -m benchmarks [NAME [OPTIONS]]

Without a name all of them, one after the other; one that fails keeps none from running. What a benchmark prints as JSON
(of one without JSON, all that it prints) goes into results/NAME.json, with the day and the machine. Options that change
what is measured, such as a part of the cases or another budget, are in the file's name: such a run is kept beside the
whole. results/decoding.svg shows the engine beside its peers, results/shakespeare.svg how models learn.
"""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks._curves import curves
from benchmarks._plot import TITLES, plot
from benchmarks._report import FOLDER, left_out, machine, record, results

HELP = {"-h", "--help"}


def run(name: str, options: list[str]) -> int:
    """One benchmark, in a process of its own; what it prints is passed on. Its exit code: 0 if all went well."""
    on, lines = machine(), []
    command = [sys.executable, "-m", f"benchmarks.{name}", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode == 0 and not HELP & set(options):
        record(name, [*options, *left_out(lines)], results(lines), on)
    return process.returncode


def main() -> None:
    names = [path.stem for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))]
    failed = []
    for name in sys.argv[1:2] or names:
        print(f"== {name}", flush=True)
        if run(name, sys.argv[2:]):
            failed.append(name)
    kept = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}
    if reports := [kept[name] for name in TITLES if name in kept]:
        (FOLDER / "decoding.svg").write_text(plot(reports), "utf-8")
    if "shakespeare" in kept:
        (FOLDER / "shakespeare.svg").write_text(curves(kept["shakespeare"], "nats a character"), "utf-8")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
