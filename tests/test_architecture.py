"""Imports run one way, the core is free of Prefect, and start-up loads nothing heavy."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ORDER = [
    {"flows"},
    {"tasks"},
    {"textgen_core.pipeline", "textgen_core.retraining", "textgen_core.registry"}
    | {"textgen_core.catalog", "textgen_core.frontier", "textgen_core.comparison"},
    {"textgen_core.config", "textgen_core.stages"},
    {"textgen_core.reporting"},
    {"textgen_core.evaluation"},
    {"textgen_core.generation", "textgen_core.seeding"},
    {"textgen_core.training", "textgen_core.decoding", "textgen_core.huggingface"},
    {"textgen_core.models"},
    {"textgen_core.tokenization"},
    {"textgen_core.ingestion"},
    {"textgen_core.datasets", "textgen_core.numerics"},
    {"textgen_core.settings", "textgen_core.progress"},
    {
        f"textgen_core.{name}"
        for name in ("errors", "faults", "figures", "markdown", "controls", "memory", "notices", "suffix_array")
    },
]
"""From the roof to the ground. A module may import from its own level and from any below."""

TENSORFLOW_ROOMS = ("models", "training", "decoding")
MODULES = sorted(path for top in ("flows", "tasks", "textgen_core") for path in (ROOT / top).rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def level(module: str) -> int:
    found = [
        n for n, names in enumerate(ORDER) if any(module == name or module.startswith(name + ".") for name in names)
    ]
    if not found and module == "textgen_core":
        return len(ORDER)
    assert found, f"{module} has no place in ORDER"
    return found[0]


def imports(path: Path, at_start_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if at_start_only else list(ast.walk(tree))
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports name the whole module"
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_one_way(path):
    own = level(name_of(path).removesuffix(".__init__"))
    for module in imports(path):
        if module.split(".")[0] in {"flows", "tasks", "textgen_core"}:
            assert level(module) >= own, f"{name_of(path)} may not import {module}"


@pytest.mark.parametrize("path", [path for path in MODULES if "textgen_core" in path.parts], ids=name_of)
def test_the_core_knows_no_prefect_and_tensorflow_stays_in_its_rooms(path):
    roots = {module.split(".")[0] for module in imports(path)}
    assert "prefect" not in roots
    if path.relative_to(ROOT).parts[1] not in TENSORFLOW_ROOMS:
        at_start = {module.split(".")[0] for module in imports(path, at_start_only=True)}
        assert not at_start & {"tensorflow", "keras"}


def test_the_order_is_the_one_that_the_page_says():
    told = re.search(r"in the core (.*?)\.\s", (ROOT / "ARCHITECTURE.md").read_text(), re.S)[1]
    levels = [{level(f"textgen_core.{name}") for name in re.findall(r"\w+", step)} for step in told.split("->")]
    assert levels == [{floor} for floor in sorted(set().union(*levels))]


def test_planning_a_pipeline_loads_nothing_heavy():
    program = "import sys, textgen_core.pipeline; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not set(loaded.stdout.split()) & {"tensorflow", "keras", "prefect", "pandas"}


def test_no_file_is_two_ideas():
    long = {name_of(path): count for path in MODULES if (count := len(path.read_text().splitlines())) > 250}
    assert not long, "split by idea"
