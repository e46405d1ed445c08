"""Makes the virtual environment and puts uv into it, with a bare python3 (also Debian's, without ensurepip).

Usage: python3 deployments/bootstrap.py .venv
"""

import importlib.util
import subprocess
import sys
import venv
from pathlib import Path

UV = "uv==0.13.9"
SUPPORTED = ((3, 11), (3, 14))  # TensorFlow has wheels for these only
DEBIAN_WHEELS = Path("/usr/share/python-wheels")


def main(folder: str) -> None:
    """Make the environment in folder, and uv in folder/uv."""
    if not SUPPORTED[0] <= sys.version_info[:2] < SUPPORTED[1]:
        version = ".".join(map(str, sys.version_info[:3]))
        sys.exit(
            f"textgen needs Python 3.11, 3.12 or 3.13 (TensorFlow has wheels for these only); this is {version}.\n"
            "Name another: make PYTHON=python3.12 ..."
        )
    target = Path(folder)
    print(f"making {target} and fetching uv from the package registry ...", file=sys.stderr)
    venv.create(target, with_pip=False)
    pip = find_pip(target)
    quietly = ("--quiet", "--disable-pip-version-check")
    subprocess.run([*pip, "install", *quietly, "--target", str(target / "uv"), UV], check=True)


def find_pip(target: Path) -> list[str]:
    """A command that runs some pip: this Python's, the one it can unpack, or a wheel that the system keeps."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if importlib.util.find_spec("ensurepip"):
        inside = str(target / "bin" / "python")
        subprocess.run([inside, "-m", "ensurepip", "--default-pip"], check=True, stdout=subprocess.DEVNULL)
        return [inside, "-m", "pip"]
    for wheel in sorted(DEBIAN_WHEELS.glob("pip-*.whl")):
        return [sys.executable, f"{wheel}/pip"]
    sys.exit("no pip to fetch uv with: install your system's python3-pip (or python3-venv), then run make again")


if __name__ == "__main__":
    main(*sys.argv[1:])
