"""Which files a purge takes with it, and their removal once the database says they are gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import AttemptRow, EditionRow, FileRow, InboundRow, NoticeRow, SubmissionRow
from tasks.office import Office

from .drill import purged

HELD = ("held", "redirected")


@dataclass
class Gone:
    hashes: list[str] = field(default_factory=list)  # in the archive
    paths: list[Path] = field(default_factory=list)  # held mails, mails in our own mailbox folder


def unrecognised_files(session: Session, inbound: Sequence[int]) -> set[str]:
    """Attachments of these mails that are nobody's report."""
    reports = select(SubmissionRow.file_id).where(SubmissionRow.file_id.is_not(None))
    query = select(FileRow.sha256).where(FileRow.inbound_id.in_(inbound), FileRow.id.not_in(reports))
    return set(session.scalars(query))


def kept_hashes(session: Session, inbound: set[int], notices: set[int], gone: str) -> set[str]:
    """Hashes that rows still need: those not chosen now and not purged before."""
    before = select(InboundRow.id).where(InboundRow.subject == gone)
    others = FileRow.inbound_id.not_in(inbound) & FileRow.inbound_id.not_in(before)
    kept = set(session.scalars(select(FileRow.sha256).where(others)))
    reports = select(SubmissionRow.file_id).where(SubmissionRow.file_id.is_not(None))
    kept |= set(session.scalars(select(FileRow.sha256).where(FileRow.id.in_(reports))))
    mails = select(InboundRow.sha256).where(InboundRow.id.not_in(inbound), InboundRow.subject != gone)
    kept |= set(session.scalars(mails))
    letters = select(NoticeRow.eml_sha256, NoticeRow.attachments).where(
        NoticeRow.id.not_in(notices), ~NoticeRow.recipient.startswith(gone)
    )
    for sha256, attachments in session.execute(letters).tuples():
        kept |= {sha256} | {str(a["sha256"]) for a in attachments if a.get("sha256")}
    for files in session.scalars(select(EditionRow.files)):
        kept |= {str(f["sha256"]) for f in files}
    return kept


def disk_files(
    session: Session, office: Office, inbound: Sequence[InboundRow], notices: Sequence[int]
) -> list[Path]:
    """Copies of these mails outside the archive: held .eml files, our own Maildir."""
    held = select(AttemptRow.text).where(AttemptRow.notice_id.in_(notices), AttemptRow.outcome.in_(HELD))
    names = {name for name in session.scalars(held) if name and Path(name).name == name}
    paths = [office.data / "outbox" / name for name in sorted(names)]
    if office.settings.mailbox is None:
        known = {r.reference for r in inbound if r.channel == "maildir"}
        paths += [p for p in _maildir(office.data / "mailbox") if p.name.partition(":")[0] in known]
    return [p for p in paths if p.is_file()]


def _maildir(root: Path) -> Iterator[Path]:
    for folder in (root / "new", root / "cur"):
        if folder.is_dir():
            yield from sorted(folder.iterdir())


def remove(session: Session, office: Office, chosen: Gone, gone: str) -> None:
    """Remove files; also those an earlier purge was killed before it could remove."""
    kept = kept_hashes(session, set(), set(), gone)
    for sha256 in (set(chosen.hashes) | purged(session)) - kept:
        office.archive.path(sha256).unlink(missing_ok=True)
    for path in chosen.paths:
        path.unlink(missing_ok=True)
