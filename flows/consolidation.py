"""The consolidated report of each round, its editions, and the Department's daily bulletin."""

from __future__ import annotations

from datetime import datetime

from prefect import flow, tags

from .artifacts import publish_reports
from .engine import as_task, moment, run_name, the_office, ticking
from .round import play_consolidation


@flow(
    name="Tổng hợp",
    flow_run_name=run_name("Tổng hợp"),
    description="Báo cáo tổng hợp đến ngày, báo cáo bổ sung khi có bản gửi muộn, bản tin hằng ngày.",
)
def consolidation(now: datetime | None = None, plan: str | None = None) -> str:
    """Drafts go by themselves to Sở KH&CN; an edition is approved by a person."""
    office = the_office(plan)
    with tags("dondoc", "tong-hop"):
        did = play_consolidation(office, moment(now), as_task, ticking(now))
        publish_reports(office, did)
    return "; ".join(f"{c.round} lần {c.edition}" for c in did.consolidated) or "không có báo cáo nào đến ngày"
