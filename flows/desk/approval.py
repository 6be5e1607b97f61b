"""A proposal before a person: waits before any side effect, then records the decision, no more.

A suspended flow runs again from its top when it is resumed, so nothing stands before the wait
but reading. Sending happens in the mailroom, from the tables (design §9, ruling 17).
"""

from __future__ import annotations

from typing import Any

from prefect import flow, get_run_logger, suspend_flow_run
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.states import Completed, Failed

from db.models import ProposalRow
from db.session import reading
from flows.artifacts import newest
from flows.engine import NOT_DONE, clock, tell_failure, the_office
from tasks.chase.execute import Decided, still_strangers
from tasks.desk.approve import decided_already, told
from tasks.desk.common import DeskError
from tasks.desk.registry import submit
from tasks.intake.queries import UndecidedItem
from tasks.office import Office

from .question import answered, artifact_key, publish_whole, question

FLOW = "Duyệt đề xuất đôn đốc"
PATIENCE = 14 * 24 * 3600  # seconds; afterwards the run fails, nothing is sent, the mailroom opens another


def _name() -> str:
    from prefect.runtime import flow_run

    number = (flow_run.parameters or {}).get("proposal")
    try:
        with reading(the_office().engine) as session:
            row = session.get(ProposalRow, number)
            return f"Đề xuất {number} · {row.round} · bậc {row.rung}" if row else f"Đề xuất {number}"
    except LookupError:
        return f"Đề xuất {number}"


@flow(
    name=FLOW,
    flow_run_name=_name,
    description="Mỗi đề xuất đôn đốc chờ một người xem và quyết định; không quyết định thì không gửi.",
    on_failure=[tell_failure],
    on_crashed=[tell_failure],
)
def approval(proposal: int) -> State[Any]:
    """Show proposal number ``proposal`` and wait; on resume record the decision."""
    with reading(the_office().engine) as session:
        row = session.get(ProposalRow, proposal)
        standing = decided_already(session, proposal)
        strangers = still_strangers(session, row) if row else []
    if row is None:
        return Failed(name=NOT_DONE, message=f"Không có đề xuất số {proposal}")
    if standing:
        left = tuple(standing.left_out)
        return Completed(message=told(Decided(False, standing.verdict, standing.by, left), proposal))
    return _ask(the_office(row.plan), row, strangers)


def _ask(office: Office, row: ProposalRow, strangers: list[UndecidedItem]) -> State[Any]:
    """Wait for an answer; where it cannot stand, say why and wait again. Only the last one counts."""
    turn = _turns()
    if turn == 0:
        publish_whole(office, row, strangers)
        asked = question(office, row, strangers, pages=newest(artifact_key(row.id)))
        suspend_flow_run(wait_for_input=asked, timeout=PATIENCE, key="1")
    answer = suspend_flow_run(
        wait_for_input=question(office, row, strangers), timeout=PATIENCE, key=str(turn)
    )
    try:
        done = submit(office, "decide", answered(row.id, answer), clock())
    except DeskError as error:
        get_run_logger().warning(str(error))
        again = question(office, row, strangers, said=str(error), pages=newest(artifact_key(row.id)))
        suspend_flow_run(wait_for_input=again, timeout=PATIENCE, key=str(turn + 1))
        raise  # not reached: suspending ends this process
    get_run_logger().info(done)
    return Completed(message=done)


def _turns() -> int:
    """How often this run has been answered."""
    context = FlowRunContext.get()
    policy = context.flow_run.empirical_policy if context and context.flow_run else None
    return len((policy.pause_keys if policy else None) or ())
