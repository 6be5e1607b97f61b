"""Makes the Word templates of this folder: ``python templates/documents/make_templates.py``.

The templates are then the office's: it may edit them in Word, and this script need not run
again. Fields are listed in docs/report-template.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from letters import correction, urging
from reports import free, kpi, quarterly

from tasks.consolidate.package import settle

MADE = datetime(2026, 5, 4, tzinfo=UTC)  # the templates' own date: the same bytes on every run
HERE = Path(__file__).parent
DOCUMENTS: dict[str, Callable[[], Any]] = {
    "bao-cao-quy.docx": quarterly,
    "bao-cao-kpi.docx": kpi,
    "bao-cao-chung.docx": free,
    "cong-van-don-doc.docx": urging,
    "cong-van-chan-chinh.docx": correction,
}


def main() -> None:
    """Write every template into this folder, or into the one named on the command line."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, make in DOCUMENTS.items():
        make().save(target / name)
        settle(target / name, MADE)
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
