"""The plan as loaded: who must report what to whom. Columns are the fields of ``config.plan``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class PlanRow(Base):
    """One loaded plan: its policy, calendar and holidays as JSON (no personal data in it)."""

    __tablename__ = "plan"
    code: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    policy: Mapped[dict[str, Any]]
    rounds: Mapped[list[Any]]
    holidays: Mapped[list[Any]]
    loaded_at: Mapped[datetime]


class InPlan:
    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(ForeignKey("plan.code"), index=True)
    position: Mapped[int]  # order in the file


class UnitRow(InPlan, Base):
    __tablename__ = "unit"
    code: Mapped[str]
    name: Mapped[str]
    letter_name: Mapped[str]
    group: Mapped[str]
    active: Mapped[bool]
    member: Mapped[str | None]
    member_certainty: Mapped[str]
    alt_names: Mapped[list[Any]]
    certainty: Mapped[str]
    source: Mapped[str]


class ContactRow(InPlan, Base):
    """Personal data: purpose and retention are in docs (Luật 91/2025/QH15)."""

    __tablename__ = "contact"
    unit: Mapped[str] = mapped_column(index=True)
    role: Mapped[str]
    email: Mapped[str]
    name: Mapped[str]
    title: Mapped[str]
    phone: Mapped[str]
    active: Mapped[bool]


class MemberRow(InPlan, Base):
    __tablename__ = "member"
    code: Mapped[str]
    name: Mapped[str]
    title: Mapped[str]
    role: Mapped[str]
    in_charge_of: Mapped[str]
    email: Mapped[str]
    unit: Mapped[str | None]
    certainty: Mapped[str]


class IndicatorRow(InPlan, Base):
    __tablename__ = "indicator"
    code: Mapped[str]
    name: Mapped[str]
    wording: Mapped[str]
    line: Mapped[int]
    area: Mapped[str]
    area_name: Mapped[str]
    uom: Mapped[str]
    target: Mapped[float]
    strength: Mapped[str]
    parent: Mapped[str | None]
    numerator: Mapped[str]
    denominator: Mapped[str]
    lead: Mapped[str | None]
    lead_certainty: Mapped[str]
    reported_by: Mapped[list[Any]]
    reported_certainty: Mapped[str]
    note: Mapped[str]


class AssignmentRow(InPlan, Base):
    __tablename__ = "assignment"
    code: Mapped[str]
    title: Mapped[str]
    family: Mapped[str]
    document: Mapped[str]
    unit: Mapped[str]
    due: Mapped[date | None]
    product: Mapped[str]
    area: Mapped[str]
    certainty: Mapped[str]
    line: Mapped[int | None]
