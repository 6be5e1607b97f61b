"""Hạn trước ngày 15/5: kế hoạch thực hiện chỉ tiêu (Mục II.1 của Kế hoạch)."""

from __future__ import annotations

from datetime import datetime

from prefect import tags

from config.plan import Form

from .artifacts import publish
from .engine import as_task, house_flow, moment, the_offices, ticking, warn_of_clock
from .round import play_round


@house_flow(
    "Kế hoạch KPI",
    "Hạn trước ngày 15/5: kế hoạch thực hiện chỉ tiêu (Mục II.1 của Kế hoạch).",
    (Form.KPI_PLAN,),
)
def kpi_plan(now: datetime | None = None, plan: str | None = None) -> str:
    """One pass: collect → check → judge → remind → escalate; harmless when late or repeated."""
    rounds: list[str] = []
    with tags("dondoc", "kpi"):
        for office in the_offices(plan):
            did = play_round(office, moment(now, office), (Form.KPI_PLAN,), as_task, ticking(now))
            publish(office, did)
            warn_of_clock(did)
            rounds += did.rounds
    return ", ".join(rounds) or "không có đợt nào đang mở"
