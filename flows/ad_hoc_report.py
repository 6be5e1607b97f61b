"""Báo cáo đột xuất và báo cáo lĩnh vực: mở từ bàn làm việc."""

from __future__ import annotations

from datetime import datetime

from prefect import flow, tags

from config.plan import Form

from .artifacts import publish
from .engine import as_task, moment, run_name, the_office, ticking
from .round import play_round


@flow(name="Báo cáo đột xuất", flow_run_name=run_name("Báo cáo đột xuất"), description="Báo cáo đột xuất và báo cáo lĩnh vực: mở từ bàn làm việc.")
def ad_hoc_report(now: datetime | None = None, plan: str | None = None) -> str:
    """One pass: collect → check → judge → remind → escalate; harmless when late or repeated."""
    office = the_office(plan)
    with tags("dondoc", "dot-xuat"):
        did = play_round(office, moment(now), (Form.FREE,), as_task, ticking(now))
        publish(office, did)
    return ", ".join(did.rounds) or "không có đợt nào đang mở"
