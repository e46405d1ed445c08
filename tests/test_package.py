"""The wheel holds whatever the commands read besides Python: templates, the demo's configuration, the deployments."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = "import sys, setuptools.build_meta as b; print(b.build_wheel(sys.argv[1]))"


def test_the_wheel_is_complete(tmp_path):
    tree = tmp_path / "tree"
    for name in ("flows", "tasks", "textgen_core", "deployments"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    subprocess.run([sys.executable, "-c", BUILD, str(tmp_path)], cwd=tree, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    needed = {path for top in ("flows", "tasks", "textgen_core") for path in (tree / top).rglob("*") if path.is_file()}
    needed |= {tree / "deployments" / "prefect.yaml", *(tree / "deployments" / "configs").iterdir()}
    assert {path.relative_to(tree).as_posix() for path in needed} <= packed
