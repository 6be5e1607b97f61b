"""Mail on hold has told nobody anything: outside a rehearsal no ladder stands on it (rulings 3 and 15)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from .installation import Installation, at

ROUND = "2026-dx1"


@pytest.mark.parametrize(("rehearsal", "rungs"), [(False, {0}), (True, {1})])
def test_who_was_only_written_to_on_hold_is_not_escalated(tmp_path: Path, rehearsal: bool, rungs: set[int]) -> None:
    here = Installation(tmp_path / "var", at("2026-07-01T06:00"))
    here.office = replace(here.office, rehearsal=rehearsal)
    here.ad_hoc("2026-07-06T06:30", "SYT, SXD", "2026-07-09", reminders="1")
    for day in ("06", "09", "10", "13"):
        here.day(f"2026-07-{day}T07:10")
    assert {n.state for n in here.notices(kind="invitation")} == {"held"}
    lines = here.summary(ROUND, "2026-07-13T08:00").lines
    assert {x.rung for x in lines} == rungs
    assert {n.rung for n in here.notices(nature="chase")} == {0} | rungs
    if not rehearsal:
        assert all("máy chủ thư" in x.hold for x in lines)  # and it says why
    here.office.engine.dispose()
