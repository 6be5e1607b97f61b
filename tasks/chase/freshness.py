"""Facts for many last looks at once, never older than the newest fact.

Every fact is written with an audit row in its transaction, so the audit's tail tells, inside
the claiming transaction, whether anything happened since the facts were read. The post's own
rows are passed over: a mail that leaves changes nothing about what another unit owes.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import AuditRow, NoticeItemRow, NoticeRow
from tasks.facts import load_facts
from tasks.office import Office
from tasks.rules.facts import Facts

OUR_OWN = ("post.claimed", "post.outcomes", "notice.queued")


class FreshFacts:
    """``of(session, ids)``: the facts of these obligations as they are in this transaction."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.seen = -1  # newest audit row that was looked at
        self.known: dict[int, Facts] = {}

    def of(self, session: Session, plan: str, ids: Sequence[int]) -> dict[int, Facts]:
        if self.seen < 0 or self._something_happened(session) or any(i not in self.known for i in ids):
            self._read(session, plan, ids)
        return {i: self.known[i] for i in ids}

    def _something_happened(self, session: Session) -> bool:
        """Also moves ``seen`` past the post's own rows, so that the next look is short."""
        newer = session.execute(
            select(AuditRow.id, AuditRow.action).where(AuditRow.id > self.seen).order_by(AuditRow.id)
        ).all()
        if newer:
            self.seen = newer[-1][0]
        return any(action not in OUR_OWN for _, action in newer)

    def _read(self, session: Session, plan: str, ids: Sequence[int]) -> None:
        self.seen = session.scalar(select(func.max(AuditRow.id))) or 0
        waiting = session.scalars(
            select(NoticeItemRow.obligation_id)
            .join(NoticeRow, NoticeRow.id == NoticeItemRow.notice_id)
            .where(NoticeRow.plan == plan, NoticeRow.state == "queued")
        )
        wanted = sorted({*waiting, *ids})
        facts = load_facts(session, plan, rehearsal=self.office.rehearsal, ids=wanted)
        self.known = {f.obligation: f for f in facts}
