"""Every few minutes: what arrived is kept, recognised, checked and answered; what is owed leaves."""

from __future__ import annotations

from datetime import datetime

from prefect import get_run_logger, tags

from tasks.office import Office
from tasks.post.contract import STOPS

from .desk.opening import refresh_choices, tend_approvals
from .engine import OFFICE, as_task, house_flow, moment, the_offices, ticking, warn_of_clock
from .round import play_mailroom


@house_flow(
    "Phòng thư",
    "Thu nhận, nhận diện, kiểm tra, trả lời; gửi thư đến hạn và thư đã duyệt.",
)
def mailroom(now: datetime | None = None, plan: str | None = None) -> str:
    """Intake, answers, approved letters, outbox."""
    inbound = 0
    with tags("dondoc", "phong-thu"):
        for office in the_offices(plan):
            at = moment(now, office)
            did = play_mailroom(office, at, as_task, ticking(now))
            warn_of_clock(did)
            inbound += did.collected.inbound if did.collected else 0
            if did.delivered and did.delivered.stopped:
                get_run_logger().warning("Dừng gửi thư: %s", STOPS[did.delivered.stopped])
            if not OFFICE:  # a play in one process has no deployments
                tend_desk(office, at)
    return f"{inbound} mục đến"


def tend_desk(office: Office, now: datetime) -> None:
    """A waiting approval for every undecided proposal; forms that offer the rounds open now."""
    opened, closed = tend_approvals(office, now)
    if opened or closed:
        get_run_logger().info("Lượt duyệt: mở %s, đóng %s", opened, closed)
    refresh_choices(office, now)
