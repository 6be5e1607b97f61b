"""The audit's rows that speak of a unit or a round, directly or through what they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import AuditRow


def history(session: Session, unit: str = "", round_code: str = "") -> list[AuditRow]:
    """Rows in order; with both filters those about this unit in this round, as far as a row says.

    Only the audit is read: obligations are known from the rows that opened the rounds,
    submissions, inbound items and notices from the rows that recorded them.
    """
    links = _Links()
    return [
        row
        for row in session.scalars(select(AuditRow).order_by(AuditRow.id))
        if links.about(row, unit, round_code)
    ]


class _Links:
    """What the rows read so far said belongs to which (round, unit)."""

    def __init__(self) -> None:
        self.obligations: dict[int, tuple[str, str]] = {}
        self.subjects: dict[str, set[tuple[str, str]]] = {}

    def about(self, row: AuditRow, unit: str, round_code: str) -> bool:
        self._learn(row)
        if not unit and not round_code:
            return True
        named = set(self._pairs(row))
        return any((not unit or u == unit) and (not round_code or r in (round_code, "")) for r, u in named)

    def _learn(self, row: AuditRow) -> None:
        for number, unit, _ in row.details.get("obligations", []):
            self.obligations[number] = (row.subject, unit)
        if ":" in row.subject:
            self.subjects.setdefault(row.subject, set()).update(self._direct(row))

    def _pairs(self, row: AuditRow) -> Iterator[tuple[str, str]]:
        """(round, unit) pairs; an empty part where the row does not say."""
        yield from self._direct(row)
        yield from self.subjects.get(row.subject, ())
        for number in row.details.get("notices", ()):  # ids, or ids with their outcome
            yield from self.subjects.get(f"notice:{number}", ())

    def _direct(self, row: AuditRow) -> Iterator[tuple[str, str]]:
        details: dict[str, Any] = row.details
        round_ = details.get("round") or ("" if ":" in row.subject else row.subject)
        for _, unit, _ in details.get("obligations", []):
            yield row.subject, unit
        for unit in [*details.get("units", []), *([details["unit"]] if "unit" in details else [])]:
            yield str(round_), str(unit)
        if row.action == "notice.queued":
            yield from (self.obligations[o] for o, *_ in details["items"] if o in self.obligations)
        if details.get("obligation") in self.obligations:
            yield self.obligations[details["obligation"]]
        if details.get("round"):
            yield str(details["round"]), ""
        for key in ("submission", "inbound"):
            if key in details:
                yield from self.subjects.get(f"{key}:{details[key]}", ())
