"""Read every configured channel once; what came is archived, recorded and recognised.

Idempotent and safe to kill anywhere: bytes are archived before rows, an item's identity in its
channel is unique, and recognition starts with whatever stored item has none yet.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import islice

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from config.settings import Settings
from db import audit
from db.archive import ArchiveError
from db.controls import installed_at
from db.models import FileRow, InboundRow, ReadingRow, RecognitionRow
from db.session import reading, writing
from tasks.office import Office

from .channels import Channel, ChannelError, Found
from .channels.folder import Folder
from .channels.imap import ImapMailbox
from .channels.maildir import Maildir
from .channels.share import open_share
from .context import limits
from .outcome import UNDECIDED, Outcome
from .settle import open_item, previous_reading, settle
from .store import one_at_a_time, store

log = logging.getLogger(__name__)
BATCH = 25


@dataclass(frozen=True)
class Collected:
    """What one pass found. ``complete``: every configured channel was read to its end, and every
    item could be opened: what is unreadable may be anybody's."""

    complete: bool
    inbound: int = 0
    submissions: int = 0
    undecided: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()


def channels(office: Office, now: datetime) -> list[Channel]:
    """The configured channels: folder and Maildir always, mailbox and share where set."""
    settings: Settings = office.settings
    found: list[Channel] = [
        Folder(office.data / "inbox", now, max_bytes=settings.imap.max_bytes),
        Maildir(
            settings.mailbox or office.data / "mailbox",
            received_by=settings.imap.received_by,
            max_bytes=settings.imap.max_bytes,
            required=settings.mailbox is not None,
        ),
    ]
    if settings.imap.host:
        found.append(ImapMailbox(settings.imap, since=_installed(office)))
    if settings.share.url:
        found.append(open_share(settings.share, validator=_validator(office, "share")))
    return found


def _installed(office: Office) -> datetime | None:
    """Since when the mailbox is ours to read; a rehearsal's clock says nothing about real mail."""
    if office.rehearsal:
        return None
    with reading(office.engine) as session:
        return installed_at(session)


def _validator(office: Office, channel: str) -> str:
    """What the newest complete reading was given to recognise an unchanged channel.

    It stands in the reading's own row: a restored database asks anew for what it has lost."""
    query = select(ReadingRow.validator).where(ReadingRow.channel == channel, ReadingRow.complete)
    with reading(office.engine) as session:
        return session.scalar(query.order_by(ReadingRow.id.desc()).limit(1)) or ""


def collect(office: Office, now: datetime, only: Iterable[Channel] | None = None) -> Collected:
    """One pass over all channels (or ``only`` those given, for tests and the desk)."""
    every = list(only) if only is not None else channels(office, now)
    done: list[Read] = []
    outcomes: dict[str, int] = {}
    try:
        for channel in every:
            done.append(_read(office, channel, now))
            if done[-1].items:
                _count(outcomes, recognise_pending(office, now))
    finally:  # also where one channel fails in a way nobody foresaw: what the others gave stands
        _record(office, done, now)
    if left := _pending(office):  # by a pass that was killed, or whose bytes cannot be read
        _count(outcomes, recognise_pending(office, now))
        left = _pending(office)
    for channel in every:
        _file_away(office, channel)
    errors = [f"{r.channel.name}: {r.error}" for r in done if r.error]
    if left:
        errors.append(f"kho lưu thiếu hoặc hỏng tệp của {len(left)} mục đến")
    return Collected(
        complete=not errors,
        inbound=sum(r.items for r in done),
        submissions=outcomes.get(Outcome.SUBMISSION, 0),
        undecided=sum(n for o, n in outcomes.items() if o in UNDECIDED),
        outcomes=outcomes,
        errors=tuple(errors),
    )


@dataclass(frozen=True)
class Read:
    """What one channel gave: ``items`` new ones, and why it could not be read to its end, if so."""

    channel: Channel
    items: int
    error: str


def _read(office: Office, channel: Channel, now: datetime) -> Read:
    items, error = 0, ""
    try:
        for batch in _batches(channel.read(Known(office, channel.name))):
            items += _store(office, channel.name, batch, now)
    except ChannelError as failure:
        error = str(failure)
        log.warning("Kênh %s: %s", channel.name, error)
    return Read(channel, items, error)


class Known:
    """Is a reference stored already? Read when a channel first asks: an empty one asks nothing."""

    def __init__(self, office: Office, channel: str) -> None:
        self._office, self._channel = office, channel

    @cached_property
    def _references(self) -> set[str]:
        query = select(InboundRow.reference).where(InboundRow.channel == self._channel)
        with reading(self._office.engine) as session:
            return {part for r in session.scalars(query) for part in (r, *r.split("|"))}

    def __call__(self, reference: str) -> bool:
        return reference in self._references


def _batches(items: Iterable[Found]) -> Iterable[list[Found]]:
    """Lists of at most ``BATCH``; what came before a failure is given out before it is raised."""
    iterator = iter(items)
    while True:
        batch: list[Found] = []
        try:
            batch.extend(islice(iterator, 1))
            while batch and len(batch) < BATCH:
                batch.append(next(iterator))
        except StopIteration:
            pass
        except ChannelError:
            if batch:
                yield batch
            raise
        if not batch:
            return
        yield batch


def _store(office: Office, channel: str, batch: Sequence[Found], now: datetime) -> int:
    """The number of new items; one of a racing process is left to it."""
    with writing(office.engine) as session:
        one_at_a_time(session)
        since = previous_reading(session, channel, now)
        ends = limits(session, office.plan.code)
        references = [f.reference for f in batch]
        query = select(InboundRow.reference).where(
            InboundRow.channel == channel, InboundRow.reference.in_(references)
        )
        known = set(session.scalars(query))
        new = [f for f in batch if f.reference not in known]
        for found in new:
            store(
                session,
                office.archive,
                channel,
                found,
                since=since,
                now=now,
                rehearsal=office.rehearsal,
                limits=ends,
            )
        return len(new)


def _record(office: Office, done: Sequence[Read], now: datetime) -> None:
    """Each channel's reading, and one audit row for all: an idle tick is short."""
    rows = [
        {
            "channel": r.channel.name,
            "started_at": now,
            "through": None if r.error else now,
            "complete": not r.error,
            "items": r.items,
            "error": r.error[:500],
            "by": "system",
            "validator": "" if r.error else r.channel.validator,
        }
        for r in done
    ]
    if not rows:
        return
    with writing(office.engine) as session:
        session.execute(insert(ReadingRow), rows)
        audit.record(
            session,
            at=now,
            actor="system",
            action="channel.read",
            subject=", ".join(r.channel.name for r in done),
            complete=not any(r.error for r in done),
            items={r.channel.name: r.items for r in done},
            unread=[r.channel.name for r in done if r.error],
        )


def recognise_pending(office: Office, now: datetime) -> dict[str, int]:
    """Recognise every stored item that has no recognition yet; outcome → number of rows."""
    outcomes: dict[str, int] = {}
    for inbound_id, sha256, kind, place, name in _pending(office):
        try:
            seen = open_item(office.archive, sha256, kind, name or "", place)
        except ArchiveError:
            log.error("Kho lưu thiếu hoặc hỏng tệp của mục đến số %s", inbound_id)
            continue  # it stays pending, and a person sees the alarm
        with writing(office.engine) as session:
            one_at_a_time(session)
            if not _is_pending(session, inbound_id):
                continue
            inbound = session.get_one(InboundRow, inbound_id)
            for row in settle(session, office.archive, office.plan, inbound, seen, now):
                outcomes[row.outcome] = outcomes.get(row.outcome, 0) + 1
    return outcomes


def _pending(office: Office) -> list[tuple[int, str, str, str, str | None]]:
    """(id, SHA-256, kind, subject or place, file name) of stored items without any recognition."""
    first = select(FileRow.name).where(FileRow.inbound_id == InboundRow.id).order_by(FileRow.id).limit(1)
    with reading(office.engine) as session:
        query = (
            select(
                InboundRow.id, InboundRow.sha256, InboundRow.kind, InboundRow.subject, first.scalar_subquery()
            )
            .where(InboundRow.id.not_in(select(RecognitionRow.inbound_id)))
            .order_by(InboundRow.id)
        )
        return list(session.execute(query).tuples())


def _is_pending(session: Session, inbound_id: int) -> bool:
    return not session.scalar(
        select(RecognitionRow.id).where(RecognitionRow.inbound_id == inbound_id).limit(1)
    )


def _file_away(office: Office, channel: Channel) -> None:
    """Tell the channel what became of its items (a mailbox moves them); a failure is not fatal."""
    if not channel.settles:
        return
    with reading(office.engine) as session:
        query = (
            select(InboundRow.reference, RecognitionRow.file_id, RecognitionRow.outcome)
            .join(RecognitionRow, RecognitionRow.inbound_id == InboundRow.id)
            .where(InboundRow.channel == channel.name)
            .order_by(RecognitionRow.id)
        )
        newest = {(ref, file): outcome for ref, file, outcome in session.execute(query).tuples()}
    outcomes: dict[str, str] = {}
    for (reference, _), outcome in newest.items():
        if outcomes.get(reference) not in UNDECIDED:  # one undecided file keeps the mail in sight
            outcomes[reference] = outcome
    try:
        channel.settle(outcomes)
    except ChannelError as failure:
        log.warning("Kênh %s: %s", channel.name, failure)


def _count(total: dict[str, int], more: dict[str, int]) -> None:
    for outcome, number in more.items():
        total[outcome] = total.get(outcome, 0) + number
