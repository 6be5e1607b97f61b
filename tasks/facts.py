"""Loads what the rules are told: one pass over the tables, whatever the number of units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from config.plan import Certainty, Round
from db.models import (
    AcknowledgementRow,
    AttemptRow,
    BounceRow,
    CheckRow,
    DecisionRow,
    ExemptionRow,
    ExtensionRow,
    NoticeItemRow,
    NoticeRow,
    ObligationRow,
    ProposalItemRow,
    ProposalRow,
    PunctualityRow,
    RecognitionRow,
    RevocationRow,
    RoundRow,
    SubmissionRow,
    SupersededRow,
)
from db.revoked import revoked
from tasks.intake.outcome import UNDECIDED
from tasks.rules.facts import (
    Arrival,
    Check,
    Exemption,
    Extension,
    Facts,
    Letter,
    Promise,
    Proposed,
    Punctuality,
    Superseded,
    Undecided,
)

LIVE = frozenset({"accepted"})
REHEARSED = frozenset({"accepted", "held", "redirected"})


@dataclass
class _Parts:
    """Facts by obligation id, as they are read."""

    extensions: dict[int, list[Extension]] = field(default_factory=lambda: defaultdict(list))
    exemptions: dict[int, list[Exemption]] = field(default_factory=lambda: defaultdict(list))
    promises: dict[int, list[Promise]] = field(default_factory=lambda: defaultdict(list))
    punctuality: dict[int, list[Punctuality]] = field(default_factory=lambda: defaultdict(list))
    arrivals: dict[int, list[Arrival]] = field(default_factory=lambda: defaultdict(list))
    letters: dict[int, list[Letter]] = field(default_factory=lambda: defaultdict(list))
    proposals: dict[int, list[Proposed]] = field(default_factory=lambda: defaultdict(list))
    superseded: dict[int, list[Superseded]] = field(default_factory=lambda: defaultdict(list))
    undecided: dict[str, list[Undecided]] = field(default_factory=lambda: defaultdict(list))  # by unit


def load_facts(
    session: Session,
    plan: str,
    rounds: Sequence[str] | None = None,
    *,
    rehearsal: bool,
    ids: Sequence[int] | None = None,
    owing: bool = False,
) -> list[Facts]:
    """Facts of every obligation of ``plan`` (of ``rounds``, of ``ids``), in the order of opening.

    ``rehearsal``: held and redirected mail counts as sent only there (ruling 15).
    ``owing``: leave out those accepted or exempt, of which nothing can be owed any more.
    """
    query = select(ObligationRow).where(ObligationRow.plan == plan).order_by(ObligationRow.id)
    if rounds is not None:
        query = query.where(ObligationRow.round.in_(rounds))
    if ids is not None:
        query = query.where(ObligationRow.id.in_(ids))
    if owing:
        query = query.where(ObligationRow.id.not_in(_accepted()), ObligationRow.id.not_in(_exempt()))
    obligations = session.scalars(query).all()
    wanted = query.with_only_columns(ObligationRow.id).order_by(None)
    parts = _Parts()
    gone = _taken_back(session, wanted)
    _decisions_of_people(session, wanted, parts, gone)
    _arrivals(session, wanted, parts, gone)
    _letters(session, wanted, parts, REHEARSED if rehearsal else LIVE)
    _proposals(session, wanted, parts)
    _undecided(session, plan, parts)
    opened = open_rounds(session, plan)
    return [_facts(o, *opened[o.round], parts) for o in obligations]


def _accepted() -> Select[tuple[int]]:
    """Obligations of which some standing version's newest verdict is *accepted*."""
    newest = select(func.max(CheckRow.id)).group_by(CheckRow.submission_id)
    return (
        select(SubmissionRow.obligation_id)
        .join(CheckRow, CheckRow.submission_id == SubmissionRow.id)
        .where(CheckRow.id.in_(newest), CheckRow.verdict == "accepted")
        .where(SubmissionRow.id.not_in(revoked(SubmissionRow)))
    )


def _exempt() -> Select[tuple[int]]:
    return select(ExemptionRow.obligation_id).where(ExemptionRow.id.not_in(revoked(ExemptionRow)))


def open_rounds(session: Session, plan: str) -> dict[str, tuple[Round, datetime]]:
    """Opened rounds as they stood when opened, with the instant."""
    rows = session.scalars(select(RoundRow).where(RoundRow.plan == plan).order_by(RoundRow.id))
    return {r.code: (Round.model_validate(r.definition), r.opened_at) for r in rows}


def _facts(row: ObligationRow, round_: Round, opened_at: datetime, parts: _Parts) -> Facts:
    return Facts(
        obligation=row.id,
        unit=row.unit,
        round=round_,
        opened_at=opened_at,
        token=row.token,
        certainty=Certainty(row.certainty),
        extensions=tuple(parts.extensions[row.id]),
        exemptions=tuple(parts.exemptions[row.id]),
        promises=tuple(parts.promises[row.id]),
        punctuality=tuple(parts.punctuality[row.id]),
        arrivals=tuple(parts.arrivals[row.id]),
        undecided=tuple(parts.undecided[row.unit]),
        letters=tuple(parts.letters[row.id]),
        proposals=tuple(parts.proposals[row.id]),
        superseded=tuple(parts.superseded[row.id]),
    )


Wanted = Select[tuple[int]]
TakenBack = dict[tuple[str, int], dict[str, Any]]  # table and row → when and why


def _rows(session: Session, table: type[Any], wanted: Wanted) -> Iterable[Any]:
    return session.scalars(select(table).where(table.obligation_id.in_(wanted)).order_by(table.id))


def _taken_back(session: Session, wanted: Wanted) -> TakenBack:
    return {
        (r.fact, r.fact_id): {"revoked_at": r.at, "revoked_why": r.reason}
        for r in _rows(session, RevocationRow, wanted)
    }


def _decisions_of_people(session: Session, wanted: Wanted, parts: _Parts, gone: TakenBack) -> None:
    def end(row: Any) -> dict[str, Any]:
        return gone.get((row.__tablename__, row.id), {})

    for r in _rows(session, ExtensionRow, wanted):
        parts.extensions[r.obligation_id].append(Extension(r.at, r.until, r.reason, **end(r)))
    for r in _rows(session, ExemptionRow, wanted):
        parts.exemptions[r.obligation_id].append(Exemption(r.at, r.reason, **end(r)))
    for r in _rows(session, AcknowledgementRow, wanted):
        parts.promises[r.obligation_id].append(Promise(r.at, r.promised, **end(r)))
    for r in _rows(session, PunctualityRow, wanted):
        parts.punctuality[r.obligation_id].append(Punctuality(r.at, r.reason, **end(r)))
    for r in _rows(session, SupersededRow, wanted):
        parts.superseded[r.obligation_id].append(
            Superseded(r.step, r.effective_limit, r.restart, r.at)
        )


def _arrivals(session: Session, wanted: Wanted, parts: _Parts, gone: TakenBack) -> None:
    query = (
        select(SubmissionRow, CheckRow)
        .outerjoin(CheckRow, CheckRow.submission_id == SubmissionRow.id)
        .where(SubmissionRow.obligation_id.in_(wanted))
        .order_by(SubmissionRow.id, CheckRow.id)
    )
    rows: dict[int, SubmissionRow] = {}
    checks: dict[int, list[Check]] = defaultdict(list)
    for s, c in session.execute(query).tuples():
        rows[s.id] = s
        if c is not None:  # no verdict yet: the outer join found none
            checks[s.id].append(Check(c.at, c.verdict, c.counts))
    for s in rows.values():
        parts.arrivals[s.obligation_id].append(
            Arrival(
                submission=s.id,
                version=s.version,
                arrived_at=s.arrived_at,
                recorded_at=s.recorded_at,
                checks=tuple(checks[s.id]),
                flags=tuple(s.flags),
                **gone.get((SubmissionRow.__tablename__, s.id), {}),
            )
        )


def _letters(session: Session, wanted: Wanted, parts: _Parts, counted: frozenset[str]) -> None:
    item, notice, attempt = NoticeItemRow, NoticeRow, AttemptRow
    items = session.execute(  # columns, not objects: there are thousands, and a notice carries its context
        select(item.obligation_id, item.step, item.effective_limit, item.restart, item.dropped_at,
               item.notice_id, notice.queued_at, notice.state)
        .join(notice, notice.id == item.notice_id)
        .where(item.obligation_id.in_(wanted))
        .order_by(item.id)
    )  # fmt: skip
    notices = select(NoticeItemRow.notice_id).where(NoticeItemRow.obligation_id.in_(wanted))
    sent: dict[int, datetime] = {}
    ended: dict[int, datetime] = {}
    tries = select(attempt.notice_id, attempt.outcome, attempt.finished_at)
    for a in session.execute(tries.where(attempt.notice_id.in_(notices)).order_by(attempt.id)):
        if a.outcome in counted and a.finished_at:
            sent.setdefault(a.notice_id, a.finished_at)
        if a.finished_at:
            ended[a.notice_id] = a.finished_at
    bounced: dict[int, datetime] = {}
    for b in session.scalars(select(BounceRow).where(BounceRow.notice_id.in_(notices), BounceRow.permanent)):
        if b.notice_id is not None:
            bounced.setdefault(b.notice_id, b.at)
    for r in items:
        stopped = ended.get(r.notice_id, r.queued_at) if r.state in ("failed", "cancelled") else None
        gone = r.dropped_at or r.state == "cancelled"  # held in a rehearsal, then taken back by a person
        parts.letters[r.obligation_id].append(
            Letter(
                step=r.step,
                effective_limit=r.effective_limit,
                restart=r.restart,
                queued_at=r.queued_at,
                sent_at=None if gone else sent.get(r.notice_id),
                bounced_at=bounced.get(r.notice_id),
                ended_at=r.dropped_at or stopped,
                unknown=r.state == "unknown",
            )
        )


def _proposals(session: Session, wanted: Wanted, parts: _Parts) -> None:
    query = (
        select(ProposalItemRow, ProposalRow, DecisionRow, ObligationRow.unit)
        .join(ProposalRow, ProposalRow.id == ProposalItemRow.proposal_id)
        .join(ObligationRow, ObligationRow.id == ProposalItemRow.obligation_id)
        .outerjoin(DecisionRow, DecisionRow.proposal_id == ProposalRow.id)
        .where(ProposalItemRow.obligation_id.in_(wanted))
        .order_by(ProposalItemRow.id)
    )
    for item, proposal, decision, unit in session.execute(query).tuples():
        verdict = decision.verdict if decision else ""
        if decision and verdict == "approve" and unit in decision.left_out:
            verdict = "left_out"
        parts.proposals[item.obligation_id].append(
            Proposed(
                rung=proposal.rung,
                effective_limit=item.effective_limit,
                restart=item.restart,
                at=proposal.created_at,
                decided_at=decision.at if decision else None,
                verdict=verdict,
                lapsed_at=proposal.lapsed_at,
            )
        )


def _undecided(session: Session, plan: str, parts: _Parts) -> None:
    """Every interval in which an item of a unit's own waited for a person, past ones too."""
    waited = select(RecognitionRow.inbound_id).where(RecognitionRow.outcome.in_(sorted(UNDECIDED)))
    query = (
        select(RecognitionRow, ObligationRow.unit)
        .outerjoin(ObligationRow, ObligationRow.id == RecognitionRow.obligation_id)
        .where(RecognitionRow.inbound_id.in_(waited))
        .where((ObligationRow.plan == plan) | RecognitionRow.obligation_id.is_(None))
        .order_by(RecognitionRow.id)
    )
    history: dict[tuple[int, int | None], list[tuple[RecognitionRow, str | None]]] = defaultdict(list)
    for row, code in session.execute(query).tuples():
        history[row.inbound_id, row.file_id].append((row, code))
    for rows in history.values():
        ends = [later.at for later, _ in rows[1:]]
        for (row, unit), until in zip(rows, [*ends, None], strict=True):
            if row.outcome in UNDECIDED:
                fact = Undecided(row.inbound_id, row.at, until, row.outcome)
                for code in {*row.hints, *([unit] if unit else [])}:
                    parts.undecided[code].append(fact)
