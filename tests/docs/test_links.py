"""What the pages lead to is there: links, paths, modules, commands, targets of make, and errors in their own words."""

import ast
import importlib.util
import itertools
import re
import shlex

import pytest

from flows.cli.app import app
from flows.cli.examples import EXAMPLES
from tests.docs.pages import PAGES, ROOT, blocks, prose

TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text() for page in PAGES}
TOPS = {path.name for path in ROOT.iterdir()} - {"runs", "demo"}

LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
SPAN = re.compile(r"(?<!`)`(?P<text>[^`\n]+)`(?!`)")
NOT_YET = "## Add a sampler"
"""What follows in CONTRIBUTING.md is true of a tree that was changed as it says; another test does it."""


def spans(text):
    return [found["text"] for found in SPAN.finditer(prose(text))]


def anchors(text):
    """Of headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def expanded(path):
    """The paths that braces stand for."""
    alternatives = [part.split(",") for part in re.split(r"[{}]", path)]
    return ["".join(chosen) for chosen in itertools.product(*alternatives)] if "{" in path else [path]


def shown(text):
    """Lines of code and lone spans of code, without comments."""
    lines = [line for block in blocks(text) if block.language in ("", "sh") for line in block.text.splitlines()]
    return [re.sub(r"\s+# .*", "", line).strip() for line in (*lines, *spans(text))]


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page):
    for found in LINK.finditer(SPAN.sub("", prose(TEXTS[page]))):
        path, _, anchor = found["target"].partition("#")
        if "://" in path:
            continue
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), found["target"]
        assert not anchor or anchor in anchors(target.read_text()), found["target"]


@pytest.mark.parametrize("page", TEXTS)
def test_paths_exist(page):
    """All that begin in the project's root; a lone name of a module may lie anywhere."""
    for span in spans(TEXTS[page].split(NOT_YET)[0]):
        if re.fullmatch(r"[\w.{},-]+(/[\w.{},*-]*)*", span) and span.split("/")[0] in TOPS:
            assert all(list(ROOT.glob(path.rstrip("/"))) for path in expanded(span)), span
        elif re.fullmatch(r"\w+\.py", span):
            assert any(any((ROOT / top).rglob(span)) for top in ("flows", "tasks", "textgen_core")), span


COMMANDS = {
    f"{page}: {line}": line
    for page, text in TEXTS.items()
    for line in shown(text.split(NOT_YET)[0])
    if re.match(r"(\.venv/bin/)?textgen( |$)", line) and page != "docs/commands.md"
}


def test_there_are_commands_to_look_at():
    assert len(COMMANDS) > 20


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_in_the_help_are_understood(name):
    program, command, *rest = shlex.split(EXAMPLES[name])
    assert (program, command) == ("textgen", name)
    app.parse_args([command, *rest], exit_on_error=False, print_error=False)


@pytest.mark.parametrize("line", COMMANDS.values(), ids=COMMANDS)
def test_commands_are_understood(line):
    """A command that is only named, without what it requires, must be one."""
    _, *words = shlex.split(line)
    if len(words) == 1 and not words[0].startswith("-"):
        assert words[0] in app
    elif words:
        app.parse_args(words, exit_on_error=False, print_error=False)


@pytest.mark.parametrize("page", TEXTS)
def test_modules_that_are_run_exist(page):
    for module in re.findall(r"python -m ([\w.]+)", TEXTS[page]):
        assert importlib.util.find_spec(module), module
    for benchmark in re.findall(r"python -m benchmarks (\w+)", TEXTS[page]):
        assert importlib.util.find_spec(f"benchmarks.{benchmark}"), benchmark


@pytest.mark.parametrize("page", TEXTS)
def test_targets_of_make_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for line in shown(TEXTS[page]):
        if line.startswith("make "):
            assert set(re.split(r"\s+(?:make\s+)?", line)[1:]) <= targets, line


def test_errors_are_quoted_as_they_come():
    table = TEXTS["README.md"].split("| it says |")[1].split("\n\n")[0]
    quoted = re.findall(r"^\| `([^`]+)` \|", table, re.M)
    said = {
        node.value
        for path in (ROOT / "textgen_core").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert len(quoted) > 5
    assert [error for error in quoted if not any(error in text for text in said)] == []
