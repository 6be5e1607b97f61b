"""One whole round on PostgreSQL: the same code, chosen by a setting."""

from __future__ import annotations

from pathlib import Path

from tests.integration.post.postgres import running

from .installation import Installation, at

ROUND = "2026-q2"


def test_a_round_from_opening_to_its_report_on_postgresql(tmp_path: Path) -> None:
    with running() as url:
        here = Installation(tmp_path / "data", at("2026-06-01T06:00"), url=url)
        play_the_round(here)
        here.office.engine.dispose()


def play_the_round(here: Installation) -> None:
    here.day("2026-06-01T07:10")
    for unit in ("SYT", "STC", "14329"):
        here.answer(unit, ROUND)
    here.day("2026-06-16T07:10")
    here.day("2026-06-24T07:10")
    here.day("2026-06-25T07:10")
    here.answer("SCT", ROUND)
    here.desk("register_reading", "2026-06-29T07:00", through=at("2026-06-29T07:00"))
    here.day("2026-06-29T07:10")
    here.desk("decide", "2026-06-29T09:00", proposal=1, verdict="approve", leave_out=["SNV"], strangers_seen=True)
    here.day("2026-06-29T09:30")
    done = here.day("2026-06-30T07:10")
    counts = here.summary(ROUND, "2026-06-30T08:00").counts
    assert (counts["on_time"], counts["late"], counts["missing"]) == (3, 1, 141)
    assert len(here.notices(kind="head", state="held")) == 140  # all but SNV, which was left out
    assert [c.round for c in done.consolidated] == [ROUND]
