"""The whole page."""

from __future__ import annotations

import html

from textgen_core.reporting.settings import ReportingSettings


def render(settings: ReportingSettings) -> str:
    """The page as HTML."""
    return f"<!doctype html><title>{html.escape(settings.title)}</title>"
