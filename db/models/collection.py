"""Rounds, obligations, what arrived and what was read in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class RoundRow(Base):
    """An opened round. ``definition`` is ``config.plan.Round`` as it stood when it was opened."""

    __tablename__ = "round"
    __table_args__ = (UniqueConstraint("plan", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(ForeignKey("plan.code"))
    code: Mapped[str]
    definition: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]


class ObligationRow(Base):
    """One unit in one round: who owes, on what basis, and the unguessable token."""

    __tablename__ = "obligation"
    __table_args__ = (UniqueConstraint("plan", "round", "unit"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[str]
    round: Mapped[str]
    unit: Mapped[str]
    token: Mapped[str] = mapped_column(unique=True)
    certainty: Mapped[str]
    created_at: Mapped[datetime]


class OfObligation:
    id: Mapped[int] = mapped_column(primary_key=True)
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligation.id"), index=True)
    at: Mapped[datetime]  # when it was recorded
    by: Mapped[str]
    reason: Mapped[str]


class ExtensionRow(OfObligation, Base):
    """The limit was moved to ``until`` (exclusive)."""

    __tablename__ = "extension"
    until: Mapped[datetime]


class ExemptionRow(OfObligation, Base):
    __tablename__ = "exemption"


class AcknowledgementRow(OfObligation, Base):
    """The unit promised its file before ``promised`` (exclusive); the ladder pauses until then."""

    __tablename__ = "acknowledgement"
    promised: Mapped[datetime]


class PunctualityRow(OfObligation, Base):
    """"Chấp nhận đúng hạn có lý do": an official lets a late arrival stand as punctual."""

    __tablename__ = "punctuality"


class RevocationRow(OfObligation, Base):
    """A person's earlier decision was taken back: since ``at`` it holds no more. The fact itself stays.

    ``fact`` is the table of what was taken back (``db.revoked.REVOCABLE``), ``fact_id`` its row.
    """

    __tablename__ = "revocation"
    __table_args__ = (UniqueConstraint("fact", "fact_id"),)
    fact: Mapped[str]
    fact_id: Mapped[int]


class ReadingRow(Base):
    """One reading of one channel; ``through``: everything that arrived before it was seen."""

    __tablename__ = "reading"
    __table_args__ = (Index("ix_reading_channel_started_at", "channel", "started_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    started_at: Mapped[datetime]
    through: Mapped[datetime | None]
    complete: Mapped[bool]
    items: Mapped[int]
    error: Mapped[str]
    by: Mapped[str]  # "system", or the operator who read the document register
    validator: Mapped[str] = mapped_column(server_default="")  # the share's ETag, if complete


class InboundRow(Base):
    """Anything that arrived; its bytes are in the archive under ``sha256``."""

    __tablename__ = "inbound"
    __table_args__ = (UniqueConstraint("channel", "reference"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]  # mailbox, maildir, folder, share, register, desk
    reference: Mapped[str]  # identity inside the channel: folder/UIDVALIDITY/UID, path+hash …
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    kind: Mapped[str]  # mail, file, register
    arrived_at: Mapped[datetime]  # ruling 5
    arrived_how: Mapped[str]  # internaldate, received, mtime, reading, person
    arrival_doubt: Mapped[bool]  # the interval spanned a limit and nothing decided
    recorded_at: Mapped[datetime]
    sender: Mapped[str]  # address only, lower case; empty for files
    subject: Mapped[str]
    message_id: Mapped[str]
    automatic: Mapped[bool]  # auto-reply, list, bounce, null sender: never answered
    flag: Mapped[str] = mapped_column(server_default="")  # too_large: only its beginning is here


class FileRow(Base):
    """A file in an inbound item; its bytes are in the archive under ``sha256``."""

    __tablename__ = "file"
    id: Mapped[int] = mapped_column(primary_key=True)
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound.id"), index=True)
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]


class RecognitionRow(Base):
    """What an item was taken for, by the system or a person. The newest row of an item counts."""

    __tablename__ = "recognition"
    id: Mapped[int] = mapped_column(primary_key=True)
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound.id"), index=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    outcome: Mapped[str]  # tasks.intake.outcome.Outcome
    obligation_id: Mapped[int | None] = mapped_column(ForeignKey("obligation.id"))
    hints: Mapped[list[Any]]  # unit codes that the item carries; they are held while undecided
    reason: Mapped[str]


class SubmissionRow(Base):
    """An inbound file recognised as one obligation's answer, version n."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("obligation_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligation.id"), index=True)
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound.id"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"))  # None: on paper, no file
    version: Mapped[int]
    arrived_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    document_number: Mapped[str]  # số, ký hiệu
    flags: Mapped[list[Any]]  # unregistered_sender, arrival_doubt …


UNREAD = "document"  # kind of a check by a person's word alone: nothing in it was read


class CheckRow(Base):
    """The verdict on a submission: accepted, returned. The newest row counts."""

    __tablename__ = "check_result"
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    verdict: Mapped[str]
    counts: Mapped[bool]  # a non-blank workbook or a PDF: may fix punctuality (ruling 7)
    kind: Mapped[str]  # workbook, pdf, …


class FindingRow(Base):
    __tablename__ = "finding"
    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("check_result.id"), index=True)
    code: Mapped[str]
    severity: Mapped[str]
    sheet: Mapped[str]
    cell: Mapped[str]
    was: Mapped[str]
    params: Mapped[dict[str, Any]]


class OfCheck:
    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("check_result.id"), index=True)
    sheet: Mapped[str]
    cell: Mapped[str]


class FigureRow(OfCheck, Base):
    __tablename__ = "figure"
    indicator: Mapped[str]
    field: Mapped[str]
    raw: Mapped[str]
    value: Mapped[float | None]
    flag: Mapped[str]
    uom: Mapped[str]
    note: Mapped[str]  # the number reader's
    basis: Mapped[str]  # Ước or Chính thức
    source: Mapped[str]
    remark: Mapped[str]  # the unit's own note


class FigureDecisionRow(Base):
    """"Xác nhận số liệu": a person settled a flagged figure."""

    __tablename__ = "figure_decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    figure_id: Mapped[int] = mapped_column(ForeignKey("figure.id"), index=True)
    value: Mapped[float | None]
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str]


class ProgressRow(OfCheck, Base):
    __tablename__ = "progress"
    assignment: Mapped[str]
    result: Mapped[str]
    state: Mapped[str]
    difficulty: Mapped[str]
    proposal: Mapped[str]


class NarrativeRow(OfCheck, Base):
    """Text of a report; for the KPI plan section = component, key = indicator."""

    __tablename__ = "narrative"
    section: Mapped[str]
    key: Mapped[str]
    text: Mapped[str]
    body: Mapped[str]  # the agency asked, for proposals
    reason: Mapped[str]
