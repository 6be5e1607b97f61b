"""What leaves when a person has approved an edition: the report to its addressees, and to each
area's owner the extract and the list of overdue assignments of that area (plan l.123, 133, 141;
ruling 13).
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import Area, Form, Role, Round
from db.models import EditionRow, NoticeRow
from db.session import reading, writing
from tasks.chase.judge import addresses
from tasks.facts import open_rounds
from tasks.office import Office
from tasks.post import contexts
from tasks.post.outbox import NewNotice, queue
from tasks.rules.words import show_date, show_moment

from .assignments import Item, overdue
from .extracts import sector_extract
from .report import digest_of
from .words import AREAS

MAILED = (".docx", ".xlsx", ".pdf")
File = dict[str, Any]  # {"name", "sha256", "media_type"}, bytes in the archive


@dataclass(frozen=True)
class Sector:
    """An area with its own owner: its overdue assignments and its extract."""

    area: Area
    late: list[Item]
    extract: File


def send_approved(office: Office, now: datetime) -> int:
    """Queue the mails of approved editions that have none yet; returns how many were queued."""
    with reading(office.engine) as session:
        waiting = _approved_without_mail(session, office)
        rounds = {code: r for code, (r, _) in open_rounds(session, office.plan.code).items()}
    return sum(_send(office, edition, rounds[edition.round], now) for edition in waiting)


def occasion(number: int) -> str:
    return f"approved-{number}"


def _approved_without_mail(session: Session, office: Office) -> list[EditionRow]:
    plan = office.plan.code
    approved = select(EditionRow).where(EditionRow.plan == plan, EditionRow.approved_at.is_not(None))
    mailed = set(
        session.execute(
            select(NoticeRow.round, NoticeRow.occasion).where(
                NoticeRow.plan == plan, NoticeRow.kind == "consolidated"
            )
        ).tuples()
    )
    return [e for e in session.scalars(approved) if (e.round, occasion(e.number)) not in mailed]


def addressees(office: Office) -> list[str]:
    """Who gets an approved report: the Department's leaders and DONDOC_REPORT_TO."""
    leaders = [c.email for c in office.plan.contacts_of(office.plan.policy.receiver, Role.LEADER)]
    return list(dict.fromkeys([*leaders, *office.settings.report_to]))


def _send(office: Office, edition: EditionRow, round_: Round, now: datetime) -> int:
    sectors = list(_sectors(office, round_, now))  # documents first, the short transaction after
    with writing(office.engine) as session:
        notices = list(_report_mails(office, edition, round_, now))
        notices += _sector_mails(session, office, edition, sectors, now)
        return sum(queue(session, n, now) is not None for n in notices)


def _sectors(office: Office, round_: Round, now: datetime) -> Iterator[Sector]:
    """Extracts of a quarter for the areas that the Department does not own itself."""
    if round_.form is not Form.QUARTERLY:
        return
    d = digest_of(office, round_.code, now)
    late = overdue(d.items)
    for area, owner in office.plan.policy.area_owner.items():
        if owner == office.plan.policy.receiver:
            continue
        with TemporaryDirectory() as folder:
            path = sector_extract(d, area, Path(folder))
            extract = _file(path.name, office.archive.put(path.read_bytes()))
        yield Sector(area, [i for i in late if i.assignment.area is area], extract)


def _file(name: str, sha256: str) -> File:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {"name": name, "sha256": sha256, "media_type": media_type}


def _report_mails(
    office: Office, edition: EditionRow, round_: Round, now: datetime
) -> Iterator[NewNotice]:
    files = [_file(f["name"], f["sha256"]) for f in edition.files if Path(f["name"]).suffix in MAILED]
    context = contexts.to_department(office, now) | {
        "round_title": round_.title,
        "edition": edition.number,
        "as_of": show_moment(edition.as_of),
        "summary": list(edition.summary),
        "files": [f["name"] for f in files],
        "draft": False,
    }
    for recipient in addressees(office):
        yield _notice(office, edition, recipient, "consolidated", context, files)


def _sector_mails(
    session: Session, office: Office, edition: EditionRow, sectors: list[Sector], now: datetime
) -> Iterator[NewNotice]:
    reach = addresses(session, office)
    for sector in sectors:
        code = office.plan.policy.area_owner[sector.area]
        contact = reach.of(code, Role.CLERK, Role.LIAISON)
        if contact is None or not sector.late:
            continue
        addressee = office.plan.unit_by_code[code].letter_name
        context = contexts.common(office, now, addressee) | {
            "area_name": AREAS[sector.area],
            "rows": [_row(office, item) for item in sector.late],
        }
        yield _notice(office, edition, contact.email, "sector_overdue", context, [sector.extract])


def _row(office: Office, item: Item) -> dict[str, Any]:
    due = item.assignment.due
    return {
        "unit": office.plan.unit_by_code[item.assignment.unit].name,
        "assignment": item.assignment.title,
        "due": show_date(due) if due else "",
        "days_late": item.days,
    }


def _notice(
    office: Office,
    edition: EditionRow,
    recipient: str,
    kind: str,
    context: dict[str, Any],
    files: list[File],
) -> NewNotice:
    return NewNotice(
        plan=office.plan.code,
        round=edition.round,
        unit="*",
        recipient=recipient,
        kind=kind,
        occasion=occasion(edition.number),
        nature="office",
        context=context,
        attachments=files,
    )
