"""Every few minutes: what arrived is kept, recognised, checked and answered; what is owed leaves."""

from __future__ import annotations

from datetime import datetime

from prefect import tags

from .engine import as_task, house_flow, moment, the_office, ticking
from .round import play_mailroom


@house_flow(
    "Phòng thư",
    "Thu nhận, nhận diện, kiểm tra, trả lời; gửi thư đến hạn và thư đã duyệt.",
)
def mailroom(now: datetime | None = None, plan: str | None = None) -> str:
    """Intake, answers, approved letters, outbox."""
    office = the_office(plan)
    with tags("dondoc", "phong-thu"):
        did = play_mailroom(office, moment(now, office), as_task, ticking(now))
    inbound = did.collected.inbound if did.collected else 0
    return f"{inbound} mục đến"
