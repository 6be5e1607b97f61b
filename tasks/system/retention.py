"""Which backups stay: the newest of each of the last days, and of each of the last weeks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from config.plan import ZONE

from . import manifest as manifests


def prune(backups: Sequence[Path], keep_daily: int, keep_weekly: int) -> list[str]:
    """Remove what need not be kept; names of what was removed. The newest always stays."""
    dated = {folder: manifests.read(folder).at for folder in backups}
    stay = kept(dated, keep_daily, keep_weekly)
    removed = []
    for folder in backups:
        if folder not in stay:
            gone = folder.with_name(f".xoa-{folder.name}")
            folder.rename(gone)  # at once no backup any more, even if the removal is cut short
            shutil.rmtree(gone, ignore_errors=True)
            removed.append(folder.name)
    return removed


def kept(dated: dict[Path, datetime], keep_daily: int, keep_weekly: int) -> set[Path]:
    """The newest backup of each of the ``keep_daily`` last days and ``keep_weekly`` last weeks
    on which there was one (Vietnamese days, ISO weeks)."""
    return _newest_of(dated, keep_daily, lambda day: day) | _newest_of(
        dated, keep_weekly, lambda day: day.isocalendar()[:2]
    )


def _newest_of(dated: dict[Path, datetime], number: int, period: Callable[[date], object]) -> set[Path]:
    newest: dict[object, Path] = {}
    for folder, at in sorted(dated.items(), key=lambda item: item[1].astimezone(UTC)):
        newest[period(at.astimezone(ZONE).date())] = folder
    return set(list(newest.values())[-number:]) if number else set()
