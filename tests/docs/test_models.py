"""docs/models.md is made of the settings."""

from flows.cli.model_reference import PATH, page
from flows.cli.models import families


def test_the_page_is_current():
    assert PATH.read_text() == page(), "run: python -m flows.cli.model_reference"


def test_every_setting_of_every_family_is_on_the_page():
    for family, kind in families().items():
        section = PATH.read_text().split(f"\n## {family}\n")[1].split("\n## ")[0]
        assert all(f"| `{name}` |" in section for name in kind.model_fields if name != "family")
