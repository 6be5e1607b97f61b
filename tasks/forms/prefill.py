"""A unit's form with its last accepted values, from the database."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import Round
from db.models import (
    UNREAD,
    CheckRow,
    FigureDecisionRow,
    FigureRow,
    ObligationRow,
    ProgressRow,
    RoundRow,
    SubmissionRow,
)
from db.revoked import revoked
from tasks.forms.spec import form_spec
from tasks.forms.types import FormSpec
from tasks.office import Office
from tasks.rules.figures import EMPTY, USABLE

# The value that stands for an indicator in the reference column, best first.
FIELDS = ("cumulative", "result")


def spec_for(session: Session, office: Office, obligation_id: int) -> FormSpec:
    """The pre-filled form of one obligation."""
    row = session.get_one(ObligationRow, obligation_id)
    opened = session.scalars(
        select(RoundRow).where(RoundRow.plan == row.plan, RoundRow.code == row.round)
    ).one()
    round_ = Round.model_validate(opened.definition)
    check = last_accepted(session, office.plan.code, round_.previous, row.unit)
    return form_spec(
        office.plan,
        round_,
        office.plan.unit_by_code[row.unit],
        row.token,
        last_values=accepted_values(session, check),
        last_states=accepted_states(session, check),
        assumed=office.assumed,
    )


def last_accepted(session: Session, plan: str, round_code: str | None, unit: str) -> int | None:
    """The accepted check of ``unit`` in ``round_code`` that speaks: the newest of a version that was read.

    A document that a person vouched for (``UNREAD``) holds no figure and replaces none.
    """
    if round_code is None:
        return None
    query = (
        select(CheckRow.id)
        .join(SubmissionRow, SubmissionRow.id == CheckRow.submission_id)
        .join(ObligationRow, ObligationRow.id == SubmissionRow.obligation_id)
        .where(
            ObligationRow.plan == plan,
            ObligationRow.round == round_code,
            ObligationRow.unit == unit,
            CheckRow.verdict == "accepted",
            SubmissionRow.id.not_in(revoked(SubmissionRow)),
        )
        .order_by(CheckRow.kind == UNREAD, SubmissionRow.version.desc(), CheckRow.id.desc())
    )
    return session.scalar(query.limit(1))


def accepted_values(session: Session, check_id: int | None) -> dict[str, float]:
    """Indicator → value; a person's newest decision on a figure stands before what was read.

    Only what the consolidated report uses as a number: "trên 80%" is not 80, and a figure that a person
    decided not to use has no value here either, nor has the quarter's own in its place.
    """
    if check_id is None:
        return {}
    query = (
        select(FigureRow, FigureDecisionRow)
        .outerjoin(FigureDecisionRow, FigureDecisionRow.figure_id == FigureRow.id)
        .where(FigureRow.check_id == check_id, FigureRow.field.in_(FIELDS))
        .order_by(FigureDecisionRow.id)
    )
    said: dict[str, dict[str, float | None]] = {}
    for figure, decision in session.execute(query).tuples():
        if decision or figure.flag not in EMPTY:
            said.setdefault(figure.indicator, {})[figure.field] = _number(figure, decision)
    best = {code: next(own[f] for f in FIELDS if f in own) for code, own in sorted(said.items())}
    return {code: value for code, value in best.items() if value is not None}


def _number(figure: FigureRow, decision: FigureDecisionRow | None) -> float | None:
    if decision:
        return decision.value
    return figure.value if figure.flag in USABLE else None


def accepted_states(session: Session, check_id: int | None) -> dict[str, str]:
    if check_id is None:
        return {}
    rows = session.execute(
        select(ProgressRow.assignment, ProgressRow.state).where(ProgressRow.check_id == check_id)
    ).tuples()
    return dict(rows.all())
