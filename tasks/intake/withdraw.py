"""A person's recognition taken back: the file waits again, whom it may concern is held again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import RecognitionRow, SubmissionRow

from .decide import proved_by
from .outcome import UNDECIDED, Outcome
from .recognise import Recognition
from .settle import recognition

BY_HAND = frozenset({"assigned_by_hand", "recorded_by_hand"})  # flags of a submission


def put_back(session: Session, row: SubmissionRow, by: str, reason: str, now: datetime) -> None:
    """The file of ``row`` is nobody's again, with the marks it had before a person decided.

    The caller records that ``row`` was taken back. Claims that its entry had proved are open again.
    """
    before = _before(session, row)
    hints = tuple(before.hints) if before else ()
    outcome = Outcome(before.outcome) if before else Outcome.UNKNOWN
    obligation = before.obligation_id if before else None
    again = Recognition(outcome, obligation, hints, reason)
    recognition(session, row.inbound_id, row.file_id, again, by, now)
    for claim in _proved(session, row.inbound_id):
        reopened = Recognition(Outcome.CLAIM, claim.obligation_id, tuple(claim.hints), reason)
        recognition(session, claim.inbound_id, claim.file_id, reopened, by, now)


def _before(session: Session, row: SubmissionRow) -> RecognitionRow | None:
    """How the file, or the item as a whole, last stood while it waited for a person."""
    query = select(RecognitionRow).where(
        RecognitionRow.inbound_id == row.inbound_id,
        RecognitionRow.outcome.in_(sorted(UNDECIDED)),
        RecognitionRow.file_id.is_(None) | (RecognitionRow.file_id == row.file_id),
    )
    return session.scalars(query.order_by(RecognitionRow.id.desc()).limit(1)).one_or_none()


def _proved(session: Session, inbound_id: int) -> list[RecognitionRow]:
    """Claims closed by the entry ``inbound_id`` and not decided anew since."""
    proved = select(RecognitionRow).where(
        RecognitionRow.outcome == Outcome.IRRELEVANT, RecognitionRow.reason == proved_by(inbound_id)
    )
    return [r for r in session.scalars(proved.order_by(RecognitionRow.id)) if _is_newest(session, r)]


def _is_newest(session: Session, row: RecognitionRow) -> bool:
    query = select(RecognitionRow.id).where(
        RecognitionRow.inbound_id == row.inbound_id,
        RecognitionRow.file_id.is_(None) if row.file_id is None else RecognitionRow.file_id == row.file_id,
        RecognitionRow.id > row.id,
    )
    return session.scalar(query.limit(1)) is None
