"""The project's pages, and the code in them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])

FENCED = re.compile(r"^(?P<fence>```+)(?P<language>\w*)\n(?P<text>.*?)^(?P=fence)$", re.M | re.S)
INDENTED = re.compile(r"(?:(?<=\n\n) {4}\S.*\n(?:(?: {4}.*)?\n)*)")


@dataclass(frozen=True)
class Block:
    """A block of code. Indented blocks have no language."""

    language: str
    text: str
    start: int


def blocks(page: str) -> list[Block]:
    """All blocks of code in a page of Markdown, in order."""
    fenced = [Block(found["language"], found["text"], found.start()) for found in FENCED.finditer(page)]
    rest = FENCED.sub(lambda found: re.sub(r"[^\n]", ".", found[0]), page)
    indented = [
        Block("", re.sub(r"^ {4}", "", found[0], flags=re.M), found.start()) for found in INDENTED.finditer(rest)
    ]
    return sorted([*fenced, *indented], key=lambda block: block.start)


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    return FENCED.sub("", page)
