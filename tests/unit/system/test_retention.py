from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from config.plan import ZONE
from tasks.system.retention import kept

START = datetime(2026, 6, 1, 2, 0, tzinfo=ZONE)


def nightly(days: int) -> dict[Path, datetime]:
    return {Path(f"{n:03}"): START + timedelta(days=n) for n in range(days)}


def names(found: set[Path]) -> list[str]:
    return sorted(p.name for p in found)


def test_the_last_days_and_the_newest_of_each_of_the_last_weeks_stay() -> None:
    # 1/6/2026 is a Monday: Sundays are 006, 013, 020, 027
    assert names(kept(nightly(31), 3, 3)) == ["020", "027", "028", "029", "030"]


def test_of_two_backups_of_a_day_the_later_one_stays() -> None:
    two = {Path("a"): START, Path("b"): START + timedelta(hours=5)}
    assert names(kept(two, 1, 1)) == ["b"]


def test_the_newest_always_stays_and_few_backups_are_all_kept() -> None:
    assert names(kept(nightly(1), 1, 0)) == ["000"]
    assert len(kept(nightly(5), 14, 8)) == 5


def test_a_year_of_nights_leaves_days_and_weeks() -> None:
    assert (
        len(kept(nightly(365), 14, 8)) == 14 + 5
    )  # three of the eight weeks' last nights are among the fourteen days


def test_days_are_vietnamese_days() -> None:
    late = datetime(2026, 6, 1, 23, 30, tzinfo=ZONE)
    assert len(kept({Path("a"): late, Path("b"): late + timedelta(hours=1)}, 2, 0)) == 2
