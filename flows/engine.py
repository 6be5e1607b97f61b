"""How flows meet Prefect: steps as tasks, the office of this process, the clock, failures told.

The only place, beside the command line, where the time is asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import cache
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_logger
from prefect.utilities.annotations import quote
from sqlalchemy.exc import SQLAlchemyError

from config.plan import ZONE, Form
from config.settings import load_settings
from db.plans import plan_codes
from db.session import make_engine, reading
from tasks.chase.bulletin import active_rounds
from tasks.desk.alert import queue_alert
from tasks.office import Office, every_plan, open_office
from tasks.steps import STEPS

from .round import Pass

OFFICE: list[Office] = []  # set by a launcher that plays flows in its own process
TROUBLES = (SQLAlchemyError, LookupError, OSError, ValueError)  # an alert must not fail louder than its cause
NOT_DONE = "Chưa thực hiện"  # state of a run that an operator's mistake ended: no failure, no alert
STEP_WAIT = (5, 20, 60)  # seconds before a step's retries


class NotARehearsal(ValueError):
    """Somebody told the time to a flow of a real installation."""


@cache
def _task_of(step: Callable[..., Any]) -> Callable[..., Any]:
    title = STEPS[step]
    waits = list(STEP_WAIT[: title.retries]) or None
    options: dict[str, Any] = {"retries": title.retries, "retry_delay_seconds": waits} if waits else {}
    return task(name=title.name, cache_policy=NO_CACHE, persist_result=False, **options)(step)


def as_task(step: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Run a step as one Prefect task run.

    ``quote``: without it Prefect walks through the whole plan, at every call, in search of
    futures (0.4 s of CPU; with it a thousandth).
    """
    return _task_of(step)(*[quote(a) for a in args], **{k: quote(v) for k, v in kwargs.items()})


def the_office(plan: str | None = None) -> Office:
    """The installation that this process works for, with ``plan`` (the newest where None)."""
    if OFFICE:
        return OFFICE[-1]
    settings = load_settings()
    engine = make_engine(settings.url)
    with reading(engine) as session:
        codes = plan_codes(session)
    if not codes:
        raise LookupError("cơ sở dữ liệu chưa có kế hoạch nào: hãy chạy dondoc init")
    return open_office(settings, plan or codes[-1], engine)


def the_offices(plan: str | None = None) -> list[Office]:
    """One office for each loaded plan, or only ``plan``'s: last year's late reports go on."""
    if OFFICE or plan:
        return [the_office(plan)]
    return every_plan(the_office())


def clock() -> datetime:
    """The real time."""
    return datetime.now(UTC)


def moment(now: datetime | None, office: Office | None = None) -> datetime:
    """The instant a flow works with: the real one, or, only in a rehearsal, the one it is told."""
    if now is not None and office is not None and not office.rehearsal:
        raise NotARehearsal("chỉ cơ sở dữ liệu diễn tập mới nhận thời điểm đặt trước (tham số now)")
    return now or clock()


def ticking(now: datetime | None) -> Callable[[], datetime] | None:
    """The clock for the post: real in real runs, standing still when the time was given."""
    return None if now or os.environ.get("DONDOC_STILL") else clock


def warn_of_clock(did: Pass) -> None:
    """In the run's log, where an operator looks who wonders why nothing left."""
    if did.clock_doubt:
        get_run_logger().warning("Tạm giữ, đồng hồ máy chủ chưa tin được: %s", did.clock_doubt)


def run_name(prefix: str, forms: Collection[Form] = ()) -> Callable[[], str]:
    """Names such as "2026-q3 · 24/09 07:10": the rounds that this run is about, or ``prefix``."""

    def name() -> str:
        from prefect.runtime import flow_run

        given = (flow_run.parameters or {}).get("now")
        at = datetime.fromisoformat(given) if isinstance(given, str) else given or clock()
        return f"{_rounds(forms, at) or prefix} · {at.astimezone(ZONE):%d/%m %H:%M}"

    return name


def _rounds(forms: Collection[Form], at: datetime) -> str:
    if not forms:
        return ""
    try:
        codes = []
        for office in the_offices():
            with reading(office.engine) as session:
                codes += [r.code for r in active_rounds(session, office, at) if r.form in forms]
        return ", ".join(codes)
    except TROUBLES:  # a name is never a reason to fail; the run itself will tell what is wrong
        return ""


def house_flow(
    name: str, description: str, forms: Collection[Form] = ()
) -> Callable[[Callable[..., Any]], Any]:
    """A flow of this house: named in Vietnamese, its failure told to the operators by mail."""
    return flow(
        name=name,
        flow_run_name=run_name(name, forms),
        description=description,
        on_failure=[tell_failure],
        on_crashed=[tell_failure],
    )


def tell_failure(flow: Any, flow_run: Any, state: Any) -> None:
    """Hook: owe the operators an alert, one for each flow and hour. No parameters, no traceback."""
    if state.name == NOT_DONE:
        return
    try:
        owe_alert(the_office(), flow.name, flow_run.name, state.name, reason(state), clock())
    except TROUBLES:
        # The database itself may be what failed; the run's state in the UI still tells.
        get_logger("dondoc").exception("Không soạn được thư cảnh báo")


def owe_alert(office: Office, flow_name: str, run: str, state: str, cause: str, at: datetime) -> int:
    """One alert for each flow and hour, whoever notices first; how many mails were queued."""
    hour = at.astimezone(ZONE).replace(minute=0, second=0, microsecond=0)
    lines = [
        f"Lượt chạy: {run}" if run else "",
        f"Trạng thái: {'dừng đột ngột' if state == 'Crashed' else 'lỗi'}",
        f"Nguyên nhân: {cause}",
        "Không có thư nào bị mất; lượt kế tiếp sẽ làm lại phần chưa xong.",
    ]
    return queue_alert(
        office,
        f"luồng {flow_name} không hoàn thành",
        [line for line in lines if line],
        "Mở giao diện điều hành, xem lượt chạy; nếu lặp lại, chạy: dondoc doctor",
        at,
        occasion=f"flow-{flow_name}-{hour.isoformat()}",
    )


def reason(state: Any) -> str:
    """The kind of failure; its text may carry what units typed or an address, so it stays in the log."""
    message = str(state.message or "")
    if "Finished in state" in message or "encountered an exception" in message:
        head = message.split("encountered an exception", 1)[-1].strip(" :.")
        return head.split(":", 1)[0].strip() or "ngoại lệ"
    return "tiến trình bị dừng" if state.name == "Crashed" else "xem nhật ký lượt chạy"
