"""Báo cáo đột xuất và báo cáo lĩnh vực: mở từ bàn làm việc."""

from __future__ import annotations

from datetime import datetime

from prefect import tags

from config.plan import Form

from .artifacts import publish
from .engine import as_task, house_flow, moment, the_offices, ticking, warn_of_clock
from .round import play_round


@house_flow(
    "Báo cáo đột xuất",
    "Báo cáo đột xuất và báo cáo lĩnh vực: mở từ bàn làm việc.",
    (Form.FREE,),
)
def ad_hoc_report(now: datetime | None = None, plan: str | None = None) -> str:
    """One pass: collect → check → judge → remind → escalate; harmless when late or repeated."""
    rounds: list[str] = []
    with tags("dondoc", "dot-xuat"):
        for office in the_offices(plan):
            did = play_round(office, moment(now, office), (Form.FREE,), as_task, ticking(now))
            publish(office, did)
            warn_of_clock(did)
            rounds += did.rounds
    return ", ".join(rounds) or "không có đợt nào đang mở"
