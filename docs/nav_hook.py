"""mkdocs hook: every decision of docs/decisions/ stands in the navigation, by its number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SECTION = "Decisions"


def on_config(config: Any) -> Any:
    folder = Path(config.docs_dir) / "decisions"
    pages = [f"decisions/{path.name}" for path in sorted(folder.glob("*.md"))]
    for group in config.nav:
        for items in group.values():
            if isinstance(items, list):
                items[:] = [{SECTION: pages} if item == {SECTION: "decisions/"} else item for item in items]
    return config
