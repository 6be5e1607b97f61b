"""Notices: what is owed by mail, what was tried, what came back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class NoticeRow(Base):
    """One e-mail owed to one recipient for one reason.

    ``state`` is where the post office is with it, not a conclusion about the unit:
    queued → in_flight → sent | held | redirected | failed | unknown; or cancelled.
    ``*`` stands for round or unit in a digest.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("plan", "round", "unit", "recipient", "kind", "occasion"),
        Index("ix_notice_state_not_before", "state", "not_before"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[str]
    round: Mapped[str]
    unit: Mapped[str]
    recipient: Mapped[str]
    kind: Mapped[str]  # template name
    occasion: Mapped[str]
    nature: Mapped[str]  # chase, answer, office
    rung: Mapped[int]  # 0: not an escalation
    context: Mapped[dict[str, Any]]  # what the template needs
    attachments: Mapped[list[Any]]  # [{"name", "sha256", "media_type"}] or {"form": [round, unit]}
    message_id: Mapped[str] = mapped_column(unique=True)
    in_reply_to: Mapped[str]
    thread: Mapped[str]  # the References header
    token: Mapped[str]  # for Reply-To and subject; empty: none
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"))
    queued_at: Mapped[datetime]
    not_before: Mapped[datetime]  # retry time after a 4xx
    state: Mapped[str]
    claimed_by: Mapped[str]
    lease_until: Mapped[datetime | None]
    subject: Mapped[str]  # set at the first claim with the bytes
    eml_sha256: Mapped[str]  # bytes fixed at the first claim, kept in the archive


class NoticeItemRow(Base):
    """Which step of which obligation a notice carries; unique per recipient (ruling 16)."""

    __tablename__ = "notice_item"
    __table_args__ = (
        UniqueConstraint("obligation_id", "step", "effective_limit", "restart", "recipient", "revoked"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligation.id"))
    step: Mapped[str]  # invitation, reminder-7, rung-1 …
    effective_limit: Mapped[datetime]
    restart: Mapped[int]
    recipient: Mapped[str]
    dropped_at: Mapped[datetime | None]  # re-judged at sending: no longer owed
    dropped_why: Mapped[str]
    revoked: Mapped[int] = mapped_column(default=0)  # its own id once dropped: the step may be owed again


class SupersededRow(Base):
    """A step that fell due and was not sent because a newer one was (after downtime)."""

    __tablename__ = "superseded"
    __table_args__ = (UniqueConstraint("obligation_id", "step", "effective_limit", "restart"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligation.id"))
    step: Mapped[str]
    effective_limit: Mapped[datetime]
    restart: Mapped[int]
    superseded_by: Mapped[str]
    at: Mapped[datetime]


class AttemptRow(Base):
    """One try to hand a notice to the mail server; written before it (in_flight) and after."""

    __tablename__ = "attempt"
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str]  # in_flight, accepted, held, redirected, deferred, refused, unknown
    mode: Mapped[str]
    code: Mapped[int | None]
    text: Mapped[str]


class BounceRow(Base):
    __tablename__ = "bounce"
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound.id"))
    address: Mapped[str] = mapped_column(index=True)
    permanent: Mapped[bool]
    status: Mapped[str]
    at: Mapped[datetime]


class ProposalRow(Base):
    """Letters of one rung of one round, waiting for a person."""

    __tablename__ = "proposal"
    __table_args__ = (UniqueConstraint("plan", "round", "rung", "occasion"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[str]
    round: Mapped[str]
    rung: Mapped[int]
    occasion: Mapped[str]
    created_at: Mapped[datetime]
    letters: Mapped[list[Any]]  # exact texts, recipients by office, units, evidence
    strangers: Mapped[list[Any]]  # inbound items that matched nobody, to be ticked as seen
    flow_run: Mapped[str]  # the suspended approval run, if one was opened
    executed_at: Mapped[datetime | None]  # approved letters were queued
    lapsed_at: Mapped[datetime | None]  # approved, but too late to be sent: a new approval is needed


class ProposalItemRow(Base):
    __tablename__ = "proposal_item"
    __table_args__ = (UniqueConstraint("proposal_id", "obligation_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligation.id"))
    effective_limit: Mapped[datetime]
    restart: Mapped[int]
    recipient: Mapped[str]  # address, or the member's code for a digest


class DecisionRow(Base):
    """The one decision on a proposal: the first recorded wins (ruling 17)."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("proposal_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    verdict: Mapped[str]  # approve, decline, lapse
    left_out: Mapped[list[Any]]  # unit codes
    at: Mapped[datetime]
    by: Mapped[str]
    second_by: Mapped[str]
    reason: Mapped[str]
