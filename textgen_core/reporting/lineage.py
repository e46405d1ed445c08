"""Where everything came from: the keys and facts that each stage's manifest states."""

from __future__ import annotations

import json
from typing import Any

from textgen_core.datasets.manifest import Manifest
from textgen_core.figures import figure
from textgen_core.reporting.text import visible


def stage_row(name: str, manifest: Manifest) -> dict[str, Any]:
    """A stage for the lineage table. Times and places are left out: equal inputs give an equal page."""
    key = manifest.key
    return {
        "name": name,
        "key": key.digest[:12],
        "content": manifest.digest()[:12],
        "inputs": {role: digest[:12] for role, digest in key.inputs.items()},
        "code": f"{key.stage} v{key.code_version}, schema v{key.schema_version}",
        "numerics": key.numerics,
        "settings": visible(json.dumps(key.settings, indent=1, ensure_ascii=False, sort_keys=True)),
        "facts": {fact: visible(figure(value)) for fact, value in manifest.facts.items()},
        "files": len(manifest.files),
        "bytes": sum(file.size for file in manifest.files),
    }
