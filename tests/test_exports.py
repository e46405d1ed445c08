"""What a package offers stands at its head; others take only that; nothing private crosses modules; nothing is dead."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ("flows", "tasks", "textgen_core")
PACKAGES = sorted((ROOT / "textgen_core").glob("*/__init__.py"))
PACKAGES = [*(path.parent for path in PACKAGES), ROOT / "tasks", ROOT / "flows" / "service"]
OFFERED = re.compile(r"^(?P<module>[\w.]+) {2,}(?P<names>\w+(?:, \w+)*)$", re.M)

ALIVE = {
    "textgen_core.decoding.toys.UniformModel": "a fake that tests of whoever uses the engine can take",
    "textgen_core.ingestion.readers.interface.MemoryContent": "the same for readers",
    "textgen_core.tokenization.incremental.IncrementalDecoder.finish": "completes the promise that feed makes",
}
"""What nothing in the product uses, and why it is there all the same."""

CALLBACKS = {f"on_train_{moment}" for moment in ("begin", "end", "batch_begin", "batch_end")}
STEPS = {"train_step", "make_train_function"}
CALLED_BY_OTHERS = CALLBACKS | STEPS | {"find_spec", "readable", "seekable", "readinto", "tell"}
"""Methods that Keras and Python's import system and files call."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass
class Module:
    """A module as its syntax tells it.

    Attributes:
        definitions: public top-level names, and public methods as Class.method -> their nodes.
        imported: local name -> what it was imported as, in full.
        used: names and attributes read, each with the line where.
        words: words of its strings, by which modules and fields are named.
    """

    name: str
    tree: ast.Module
    definitions: dict[str, ast.AST] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)
    used: list[tuple[str, int]] = field(default_factory=list)
    words: set[str] = field(default_factory=set)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def read(path: Path) -> Module:
    module = Module(name_of(path), ast.parse(path.read_text()))
    for node in module.tree.body:
        module.definitions.update(_defined(node))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            module.imported |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            module.imported |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            module.used.append((node.id, node.lineno))
        elif isinstance(node, ast.Attribute):
            module.used.append((node.attr, node.lineno))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
            module.words |= set(re.findall(r"\w+", node.value))
    return module


def _defined(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, Definition):
        registered = [ast.unparse(decorator) for decorator in node.decorator_list]
        # any other decorator registers what it stands above: with pydantic, cyclopts, Prefect
        if all(re.match(r"dataclass|property|cached_property|classmethod", name) for name in registered):
            yield node.name, node
        if isinstance(node, ast.ClassDef) and "Protocol" not in {getattr(base, "id", "") for base in node.bases}:
            methods = [inner for inner in node.body if isinstance(inner, Definition)]
            yield from ((f"{node.name}.{name}", method) for inner in methods for name, method in _defined(inner))
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    yield from ((target.id, node) for target in targets if isinstance(target, ast.Name))


MODULES = {
    module.name: module for top in FLOORS for path in sorted((ROOT / top).rglob("*.py")) for module in [read(path)]
}
OUTSIDE = " ".join(path.read_text() for path in [*ROOT.glob("deployments/*.yaml"), ROOT / "pyproject.toml"])


def offered(package: Path) -> set[str]:
    """What the docstring of a package lists."""
    head = MODULES[name_of(package / "__init__.py")]
    return {
        f"{head.name}.{found['module']}.{name}"
        for found in OFFERED.finditer(ast.get_docstring(head.tree) or "")
        for name in found["names"].split(", ")
    }


def public(module: Module) -> set[str]:
    return {f"{module.name}.{name}" for name in module.definitions if not re.search(r"(^|\.)_", name)}


def private(module: Module) -> set[str]:
    return {f"{module.name}.{name}" for name in module.definitions if re.search(r"(^|\.)_(?!_)\w+$", name)}


def top_level(module: Module) -> set[str]:
    """Everything that can be imported from a module, decorated or not."""
    names = {node.name for node in module.tree.body if isinstance(node, Definition)}
    return {f"{module.name}.{name}" for name in names | {name for name in module.definitions if "." not in name}}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_what_a_package_offers_exists_and_is_wanted(package):
    stated = offered(package)
    assert stated, "the package's docstring must list what it offers: `module  name, name`"
    assert stated <= {name for module in MODULES.values() for name in top_level(module)}
    unwanted = stated - {name for module in MODULES for name in wanted(module)}
    assert not unwanted, "nobody takes these: they need not be offered"


@cache
def wanted(name: str) -> set[str]:
    """What a module takes of others, in full; a module that is taken whole stands for all names it is asked for."""
    module = MODULES[name]
    names = set(module.imported.values())
    whole = {local: full for local, full in module.imported.items() if full in MODULES}
    asked = {
        f"{whole[node.value.id]}.{node.attr}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in whole
    }
    return (names - set(whole.values())) | asked


@pytest.mark.parametrize("module", MODULES.values(), ids=lambda module: module.name)
def test_a_package_is_asked_only_for_what_it_offers(module):
    for package in PACKAGES:
        home = name_of(package / "__init__.py")
        if not module.name.startswith(home):
            asked = {name for name in wanted(module.name) if name.startswith(home + ".")} - MODULES.keys()
            known = offered(package) | top_level(MODULES[home])
            assert asked <= known, f"add them to the docstring of {home}, or do without"


@pytest.mark.parametrize("module", MODULES.values(), ids=lambda module: module.name)
def test_nothing_private_crosses_modules(module):
    taken = {name for name in wanted(module.name) if name.split(".")[0] in FLOORS}
    assert not {name for name in taken if re.search(r"\._(?!_)", name)}


def is_used(name: str) -> bool:
    """Whether a public name occurs outside its own definition: called, imported, or named in a string."""
    home = next(module for module in MODULES.values() if name in public(module))
    node = home.definitions[name.removeprefix(home.name + ".")]
    last = name.split(".")[-1]
    within = range(node.lineno, node.end_lineno + 1)
    if any(used == last and line not in within for used, line in home.used):
        return True
    others = [module for module in MODULES.values() if module is not home]
    if "." in name.removeprefix(home.name + "."):  # a method: whose it is can't be told from the syntax
        return any(used == last for module in others for used, _ in module.used) or any(
            last in module.words for module in MODULES.values()
        )
    return (
        any(name in wanted(module.name) for module in others)
        or any({last, home.name.split(".")[-1]} <= module.words for module in MODULES.values())
        or re.search(rf"\b{re.escape(name)}\b", OUTSIDE) is not None
    )


def is_used_at_home(home: Module, name: str) -> bool:
    """Whether a private name occurs in its module outside its own definition."""
    node = home.definitions[name.removeprefix(home.name + ".")]
    within = range(node.lineno, node.end_lineno + 1)
    return any(used == name.split(".")[-1] and line not in within for used, line in home.used)


def dead() -> set[str]:
    names = {name for module in MODULES.values() for name in public(module)}
    hidden = {name for module in MODULES.values() for name in private(module) if not is_used_at_home(module, name)}
    return hidden | {name for name in names if name.split(".")[-1] not in CALLED_BY_OTHERS and not is_used(name)}


def test_nothing_is_dead():
    assert dead() == set(ALIVE), "remove it, or say in ALIVE why it is there"
