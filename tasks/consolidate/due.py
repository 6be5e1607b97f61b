"""Consolidated reports that are due: written, frozen as an edition, owed to the Department."""

from __future__ import annotations

import mimetypes
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import Role, Round
from db.models import AuditRow, EditionRow
from db.session import reading, writing
from tasks.chase.bulletin import TAIL
from tasks.chase.judge import calendar_of
from tasks.facts import open_rounds
from tasks.office import Office
from tasks.post import contexts
from tasks.post.outbox import NewNotice, queue
from tasks.rules.words import show_date, show_moment
from tasks.rules.working_days import local_day

from .approved import send_approved
from .digest import Digest
from .editions import new_edition
from .extracts import flat_export, sector_extract, shortlists
from .report import ReportSet, digest_of, write_documents
from .snapshot import fingerprint, snapshot

UNSEEN = ("post.", "notice.", "channel.", "edition.", "control.", "escalation.", "inbound.")
REMIND_EVERY = 2  # working days between reminders of an unapproved report


@dataclass
class Consolidated:
    round: str
    title: str
    edition: int
    summary: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def reports_folder(office: Office, round_code: str) -> Path:
    return office.data / "reports" / round_code


def consolidate_due(office: Office, now: datetime) -> list[Consolidated]:
    """Write the reports whose day has come, and a new draft where facts changed since the last."""
    with reading(office.engine) as session:
        due = [r for r in _rounds_due(session, office, now) if _stale(session, office, r)]
    made = [c for r in due if (c := _consolidate(office, r, now))]
    send_approved(office, now)
    _remind_department(office, now)
    return made


def _rounds_due(session: Session, office: Office, now: datetime) -> list[Round]:
    today = local_day(now)
    rounds = [r for r, _ in open_rounds(session, office.plan.code).values()]
    return [r for r in rounds if r.consolidates and r.consolidates <= today <= r.consolidates + TAIL * 3]


def _last_edition(session: Session, office: Office, round_code: str) -> EditionRow | None:
    query = select(EditionRow).where(EditionRow.plan == office.plan.code, EditionRow.round == round_code)
    return session.scalars(query.order_by(EditionRow.number.desc()).limit(1)).one_or_none()


def _waits_for_approval(session: Session, office: Office, round_code: str) -> bool:
    """Drafts, none of them approved; a draft that supplements an approved one is no debt any more."""
    query = select(EditionRow.approved_at).where(
        EditionRow.plan == office.plan.code, EditionRow.round == round_code
    )
    approvals = session.scalars(query).all()
    return bool(approvals) and not any(approvals)


def _stale(session: Session, office: Office, round_: Round) -> bool:
    """No edition yet, or something happened since the last one that may show in the report.

    The audit tells of everything; ``_differs`` then looks whether the report would change.
    """
    last = _last_edition(session, office, round_.code)
    if last is None:
        return True
    newer = select(AuditRow.action).where(AuditRow.at > last.as_of).distinct()
    return any(not action.startswith(UNSEEN) for action in session.scalars(newer))


def _differs(office: Office, d: Digest) -> bool:
    """Would the report say anything else than the last edition? Asked before documents are drawn."""
    with reading(office.engine) as session:
        last = _last_edition(session, office, d.data.round.code)
    return last is None or fingerprint(snapshot(d)) != last.facts_sha256


def _consolidate(office: Office, round_: Round, now: datetime) -> Consolidated | None:
    """The facts are gathered once: report, extracts and shortlists speak of the same ones."""
    d = digest_of(office, round_.code, now)
    if not _differs(office, d):
        return None
    folder = reports_folder(office, round_.code)
    fresh = folder / ".new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    written = write_documents(d, fresh)
    with writing(office.engine) as session:
        edition = new_edition(session, office.archive, written, now)
        if edition is None:
            shutil.rmtree(fresh)
            return None
        _owe_mails(session, office, round_, edition, written, now)
        number = edition.number
    _beside(office, d, fresh)
    final = folder / f"lan-{number}"
    shutil.rmtree(final, ignore_errors=True)
    fresh.rename(final)
    files = [str(final / p.name) for p in written.files]
    return Consolidated(round_.code, round_.title, number, list(written.summary), files)


def _beside(office: Office, d: Digest, folder: Path) -> None:
    """What people decide or retype from, beside a quarter's report: not mailed, not an edition's part."""
    if not d.quarterly:
        return
    flat_export(d, folder)
    shortlists(d, folder)
    for area, owner in office.plan.policy.area_owner.items():
        if owner != office.plan.policy.receiver:
            sector_extract(d, area, folder)


def _owe_mails(
    session: Session, office: Office, round_: Round, edition: EditionRow, written: ReportSet, now: datetime
) -> None:
    hashes = {f["name"]: f["sha256"] for f in edition.files}
    mailed = [p for p in written.files if p.suffix in (".docx", ".xlsx", ".pdf")]
    context = contexts.to_department(office, now) | {
        "round_title": round_.title,
        "edition": edition.number,
        "as_of": show_moment(written.as_of),
        "summary": list(written.summary),
        "files": [p.name for p in mailed],
        "draft": True,
    }
    attachments = [
        {
            "name": p.name,
            "sha256": hashes[p.name],
            "media_type": mimetypes.guess_type(p.name)[0] or "application/octet-stream",
        }
        for p in mailed
    ]
    for recipient in contexts.department_addresses(office, Role.LEADER, Role.OPERATOR):
        queue(
            session,
            NewNotice(
                plan=office.plan.code,
                round=round_.code,
                unit="*",
                recipient=recipient,
                kind="consolidated",
                occasion=f"edition-{edition.number}",
                nature="office",
                context=context,
                attachments=attachments,
            ),
            now,
        )


def _remind_department(office: Office, now: datetime) -> None:
    """The Department owes its consolidated report until an edition is approved (plan l.123)."""
    calendar, today = calendar_of(office), local_day(now)
    if not calendar.is_working(today):
        return
    with writing(office.engine) as session:
        for round_ in _rounds_due(session, office, now):
            if round_.consolidates is None or not _waits_for_approval(session, office, round_.code):
                continue
            elapsed = calendar.elapsed(round_.consolidates, today)
            if elapsed and elapsed % REMIND_EVERY == 0:
                _owe_reminder(session, office, round_, now)


def _owe_reminder(session: Session, office: Office, round_: Round, now: datetime) -> None:
    assert round_.consolidates is not None
    context = contexts.to_department(office, now) | {
        "round_title": round_.title,
        "limit": show_date(round_.consolidates),
    }
    for recipient in contexts.department_addresses(office, Role.LEADER, Role.OPERATOR):
        queue(
            session,
            NewNotice(
                plan=office.plan.code,
                round=round_.code,
                unit="*",
                recipient=recipient,
                kind="consolidation_due",
                occasion=local_day(now).isoformat(),
                nature="office",
                context=context,
            ),
            now,
        )
