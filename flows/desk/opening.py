"""Keeps one waiting approval run for every undecided proposal (ruling 17), whatever was lost.

Called by each mailroom pass. Runs that died, were deleted or ran out of patience are opened
again; those whose proposal was decided elsewhere are closed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed, Crashed
from sqlalchemy import select

from db.models import DecisionRow, ProposalRow
from db.session import reading, writing
from tasks.chase.execute import Decided
from tasks.desk.approve import told
from tasks.desk.registry import FORMS
from tasks.office import Office

from .approval import FLOW
from .choices import AT_THE_DESK, WAITING, choices_of, schema_of

DEPLOYMENT = f"{FLOW}/{WAITING}"
STUCK = timedelta(minutes=15)  # a run that is "running" for so long has lost its process
LIVE = (StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED)


def tend_approvals(office: Office, now: datetime) -> tuple[int, int]:
    """(opened, closed). Does nothing where no approval deployment exists (command line only)."""
    with get_client(sync_client=True) as client:
        try:
            deployment = client.read_deployment_by_name(DEPLOYMENT)
        except ObjectNotFound:
            return 0, 0
        undecided, over = _proposals(office)
        waiting = _waiting(client, deployment.id, now)
        closed = sum(
            _close(client, run, over[number])
            for number, run in waiting
            if number in over and run.state_type is StateType.PAUSED
        )
        have = {number for number, _ in waiting}
        opened = [p for p in undecided if p.id not in have]
        for proposal in opened:
            _open(client, office, deployment.id, proposal)
    return len(opened), closed


def _proposals(office: Office) -> tuple[list[ProposalRow], dict[int, str]]:
    """(those that wait for a decision, number → what became of the others)."""
    query = (
        select(ProposalRow, DecisionRow)
        .outerjoin(DecisionRow, DecisionRow.proposal_id == ProposalRow.id)
        .where(ProposalRow.plan == office.plan.code)
        .order_by(ProposalRow.id)
    )
    with reading(office.engine) as session:
        pairs = session.execute(query).all()
    undecided = [p for p, d in pairs if d is None and p.lapsed_at is None]
    lapsed = {p.id: f"Đề xuất số {p.id} đã hết hiệu lực" for p, d in pairs if p.lapsed_at}
    return undecided, lapsed | {p.id: _told(d) for p, d in pairs if d is not None}


def _told(decision: DecisionRow) -> str:
    done = Decided(False, decision.verdict, decision.by, tuple(decision.left_out))
    return told(done, decision.proposal_id)


def _waiting(client: SyncPrefectClient, deployment: Any, now: datetime) -> list[tuple[int, FlowRun]]:
    """(proposal, run) of the approval runs that still live."""
    runs = client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])),
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(LIVE)))),
        limit=200,
    )
    return [
        (run.parameters["proposal"], run)
        for run in runs
        if "proposal" in run.parameters and not _stuck(client, run, now)
    ]


def _stuck(client: SyncPrefectClient, run: FlowRun, now: datetime) -> bool:
    """Did its process die unseen (worker killed)? Then it is marked as such."""
    state = run.state
    if state is None or state.type not in (StateType.PENDING, StateType.RUNNING):
        return False
    if now - state.timestamp < STUCK:
        return False
    client.set_flow_run_state(run.id, Crashed(message="Tiến trình đã mất; phòng thư mở lượt duyệt mới"), True)
    return True


def _open(client: SyncPrefectClient, office: Office, deployment: Any, proposal: ProposalRow) -> None:
    """The key makes a crash between creating and recording harmless: the same run comes back."""
    run = client.create_flow_run_from_deployment(
        deployment,
        parameters={"proposal": proposal.id},
        idempotency_key=f"de-xuat-{proposal.id}-sau-{proposal.flow_run or 'chua-co'}",
    )
    with writing(office.engine) as session:
        row = session.get_one(ProposalRow, proposal.id)
        row.flow_run = str(run.id)


def _close(client: SyncPrefectClient, run: FlowRun, message: str) -> int:
    client.set_flow_run_state(run.id, Completed(message=message), force=True)
    return 1


def refresh_choices(office: Office, now: datetime) -> int:
    """Draw the desk's forms anew where other rounds are open than when they were drawn."""
    choices = choices_of(office, now)
    drawn = 0
    with get_client(sync_client=True) as client:
        for name, action in FORMS.items():
            try:
                deployment = client.read_deployment_by_name(f"{action.title}/{AT_THE_DESK}")
            except ObjectNotFound:
                continue
            schema = schema_of(name, choices)
            if deployment.parameter_openapi_schema != schema:
                client.update_deployment(deployment.id, DeploymentUpdate(parameter_openapi_schema=schema))
                drawn += 1
    return drawn
