"""Hạn trước ngày 25 hằng quý: báo cáo của mọi cơ quan, đơn vị, địa phương (Mục III.4)."""

from __future__ import annotations

from datetime import datetime

from prefect import tags

from config.plan import Form

from .artifacts import publish
from .engine import as_task, house_flow, moment, the_offices, ticking, warn_of_clock
from .round import play_round


@house_flow(
    "Báo cáo quý",
    "Hạn trước ngày 25 hằng quý: báo cáo của mọi cơ quan, đơn vị, địa phương (Mục III.4).",
    (Form.QUARTERLY,),
)
def quarterly_report(now: datetime | None = None, plan: str | None = None) -> str:
    """One pass: collect → check → judge → remind → escalate; harmless when late or repeated."""
    rounds: list[str] = []
    with tags("dondoc", "quy"):
        for office in the_offices(plan):
            did = play_round(office, moment(now, office), (Form.QUARTERLY,), as_task, ticking(now))
            publish(office, did)
            warn_of_clock(did)
            rounds += did.rounds
    return ", ".join(rounds) or "không có đợt nào đang mở"
