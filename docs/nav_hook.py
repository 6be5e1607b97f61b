"""mkdocs hook: decisions and measured tables find their place in the navigation by themselves.

Every file of docs/decisions/ stands under "Decisions"; a page beside index.md that mkdocs.yml does
not name (docs/performance.md, docs/reliability.md …) follows at the end of the engineers' section.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

DECISIONS = {"Decisions": "decisions/"}


def on_config(config: Any) -> Any:
    docs = Path(config.docs_dir)
    named = set(_pages(config.nav))
    beside = [path.name for path in sorted(docs.glob("*.md")) if path.name not in named]
    decisions = [f"decisions/{path.name}" for path in sorted((docs / "decisions").glob("*.md"))]
    for group in config.nav:
        for items in group.values():
            if isinstance(items, list) and DECISIONS in items:
                place = items.index(DECISIONS)
                items[place : place + 1] = [*beside, {"Decisions": decisions}]
    return config


def _pages(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    return [page for part in parts for page in _pages(part)]
