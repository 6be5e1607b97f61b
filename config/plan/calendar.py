"""When: rounds with their limits, holidays and make-up days."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from functools import cached_property

from pydantic import Field, model_validator

from .base import ZONE, Area, Certainty, Code, Days, Strict, Text, midnight


class DayKind(StrEnum):
    OFF = "off"
    WORK = "work"  # make-up Saturday


class Holiday(Strict):
    date: date
    kind: DayKind
    name: Text
    certainty: Certainty = Certainty.CONFIRMED  # assumed: "to confirm"; doctor names it
    source: str = ""


class Form(StrEnum):
    QUARTERLY = "quarterly"
    KPI_PLAN = "kpi_plan"
    FREE = "free"  # ad hoc: narrative only


class Audience(StrEnum):
    ALL = "all"  # every active unit
    LEADS = "indicator_leads"  # units that lead an indicator (plan l.105)
    LISTED = "listed"  # the units named in the round


class Round(Strict):
    """One collection. ``limit`` is the date in "trước ngày …": exclusive."""

    code: Code
    form: Form
    title: Text  # "báo cáo quý III năm 2026"
    short: Text  # "báo cáo quý III/2026", for subjects
    clause: Text  # "Mục III.4 (dòng 157)"
    line: int | None = None
    opens: date
    limit: date
    limit_time: time = time(0)  # ad hoc rounds may end at an hour
    period_from: date | None = None
    period_to: date | None = None
    audience: Audience
    units: tuple[Code, ...] = ()
    area: Area = Area.GENERAL
    reminders: tuple[Days, ...] = (7, 3, 1)  # working days before the limit, 1 = last good day
    cure_days: int = Field(default=3, ge=0, le=250)  # working days after the first return
    consolidates: date | None = None
    previous: Code | None = None  # the round whose accepted values pre-fill this one
    content: str = ""  # ad hoc: what is asked
    certainty: Certainty = Certainty.CONFIRMED

    @cached_property
    def limit_at(self) -> datetime:
        """The instant before which a file must have arrived."""
        return datetime.combine(self.limit, self.limit_time, ZONE)

    @model_validator(mode="after")
    def _ordered(self) -> Round:
        if midnight(self.opens) >= self.limit_at:
            raise ValueError("ngày mở đợt phải trước thời hạn (opens < limit)")
        if self.period_from and self.period_to and self.period_from > self.period_to:
            raise ValueError("kỳ số liệu bị đảo ngược (period_from > period_to)")
        if self.audience is Audience.LISTED and not self.units:
            raise ValueError("audience = listed cần danh sách units")
        if list(self.reminders) != sorted(set(self.reminders), reverse=True):
            raise ValueError("reminders phải giảm dần, không trùng, ví dụ [7, 3, 1]")
        return self
