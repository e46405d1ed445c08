"""Headings of the help that several modules share."""

from __future__ import annotations

from cyclopts import Group

OPTIONS = Group("Options", sort_key=10)
GENERAL = Group("General", sort_key=90)
