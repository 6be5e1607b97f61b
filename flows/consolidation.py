"""The consolidated report of each round, its editions, and the Department's daily bulletin."""

from __future__ import annotations

from datetime import datetime

from prefect import tags

from .artifacts import publish_reports
from .engine import as_task, house_flow, moment, the_offices, ticking, warn_of_clock
from .round import play_consolidation


@house_flow(
    "Tổng hợp",
    "Báo cáo tổng hợp đến ngày, báo cáo bổ sung khi có bản gửi muộn, bản tin hằng ngày.",
)
def consolidation(now: datetime | None = None, plan: str | None = None) -> str:
    """Drafts go by themselves to Sở KH&CN; an edition is approved by a person."""
    made: list[str] = []
    with tags("dondoc", "tong-hop"):
        for office in the_offices(plan):
            did = play_consolidation(office, moment(now, office), as_task, ticking(now))
            publish_reports(office, did)
            warn_of_clock(did)
            made += [f"{c.round} lần {c.edition}" for c in did.consolidated]
    return "; ".join(made) or "không có báo cáo nào đến ngày"
