"""A page as one file: no script, no request, one style sheet that its security policy names by digest."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2

from textgen_core.figures import figure
from textgen_core.reporting.text import interval, visible

TEMPLATES = Path(__file__).parent / "templates"


def document(template: str, **content: Any) -> str:
    """A template of this package as HTML. What it is given is escaped, and control characters are made visible."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters.update(figure=figure)
    environment.globals.update(interval=interval)
    style = (TEMPLATES / "style.css").read_text()
    return visible(environment.get_template(template).render(style=style, style_hash=_hash(style), **content))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
