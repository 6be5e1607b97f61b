"""The plan of one year: frozen, strict types.

A plan is what the committee and the office decide: calendar, units, contacts, members,
indicators, assignments, ladder, holidays. It is read from a folder of files
(``config/plans/2026/``, see ``config.plan_files``) and kept in the database
(``db.plans``); both give the same ``Plan``. Nothing here does I/O or asks the time.

What the plan's text does not say (leads of indicators, assignments, the day of a sector
report) is marked ``assumed``; an assumed row never reaches a unit in live mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

CODE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$"
Code = Annotated[str, Field(pattern=CODE)]
Text = Annotated[str, Field(min_length=1), AfterValidator(str.strip)]


def midnight(day: date) -> datetime:
    """The first instant of ``day`` in Việt Nam: "trước ngày 25/6" ends at midnight(25/6)."""
    return datetime.combine(day, time(0), ZONE)


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A changed copy that forgets what the original had computed and kept."""
        copied = super().model_copy(update=update, deep=deep)
        for name in [n for n in vars(copied) if n not in type(self).model_fields]:
            del vars(copied)[name]
        return copied


class Certainty(StrEnum):
    """Is a row taken from the plan (or confirmed by a person), or our assumption?"""

    CONFIRMED = "confirmed"
    ASSUMED = "assumed"


class Role(StrEnum):
    """Who a contact is inside its unit."""

    CLERK = "clerk"  # văn thư: the unit's registered box, gets every notice and answer
    LIAISON = "liaison"  # đầu mối: the specialist who fills the form, in copy
    HEAD = "head"  # thủ trưởng: the second rung of the ladder
    DEPUTY = "deputy"  # cấp phó: stands in where the head has no address
    LEADER = "leader"  # lãnh đạo Sở KH&CN: bulletin, consolidated report
    OPERATOR = "operator"  # chuyên viên theo dõi: alerts


class Group(StrEnum):
    """Groups of units, as consolidated tables list them."""

    DEPARTMENT = "so_nganh"  # sở, ban, ngành and their like
    COMMUNE = "xa"
    WARD = "phuong"
    VERTICAL = "nganh_doc"  # central agencies in the province
    OTHER = "khac"


class Area(StrEnum):
    """Who owns the chasing of a round (plan l.121, 133, 141; domain note A12)."""

    GENERAL = "general"  # Sở KH&CN
    DE_AN_06 = "de_an_06"  # Công an tỉnh
    CCHC = "cchc"  # Sở Nội vụ


class Unit(Strict):
    code: Code
    name: Text  # "Sở Y tế", "Phường Hoa Lư"
    letter_name: Text  # "Sở Y tế", "UBND phường Hoa Lư": after "Kính gửi:"
    group: Group
    active: bool = True  # reports by this plan; vertical agencies are present but off
    member: Code | None = None  # the one committee member in charge of it
    member_certainty: Certainty = Certainty.ASSUMED  # the plan does not say who follows which unit
    alt_names: tuple[str, ...] = ()
    certainty: Certainty = Certainty.CONFIRMED
    source: str = ""


class Contact(Strict):
    unit: Code
    role: Role
    email: Text
    name: str = ""
    title: str = ""
    phone: str = ""
    active: bool = True


class Member(Strict):
    """A committee member; exactly one is in charge of each unit (ruling 13)."""

    code: Code
    name: str  # empty where the plan does not name the person
    title: Text  # "Phó Chủ tịch UBND tỉnh"
    role: Annotated[str, Field(pattern="^(chair|vice_chair|member)$")]
    in_charge_of: str = ""
    email: str = ""
    unit: Code | None = None  # the unit that this member heads
    certainty: Certainty = Certainty.ASSUMED


class Indicator(Strict):
    code: Code
    name: Text  # corrected wording (OCR slips of the plan mended)
    wording: Text  # as the plan prints it
    line: int  # line of the plan
    area: Code
    area_name: Text
    uom: Text  # "%", "% dân số"
    target: float
    strength: Annotated[str, Field(pattern="^(toi_thieu|dat|phan_dau)$")]
    parent: Code | None = None  # C2a, C2b are parts of C2
    numerator: str = ""
    denominator: str = ""
    lead: Code | None = None  # the unit that owes the KPI plan for it
    lead_certainty: Certainty = Certainty.ASSUMED
    reported_by: tuple[str, ...] = ()  # unit or group codes that report it each quarter
    reported_certainty: Certainty = Certainty.ASSUMED
    note: str = ""


class Assignment(Strict):
    """A task the plan (or a plan it refers to) gave to a unit, l.107-115."""

    code: Code
    title: Text
    family: Annotated[str, Field(pattern="^(bcd_tw|kh_140|de_an_06|bcd_tinh)$")]
    document: Text  # the document that assigns it
    unit: Code
    due: date | None = None  # last good day
    product: str = ""
    area: Area = Area.GENERAL
    certainty: Certainty = Certainty.ASSUMED
    line: int | None = None


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
    reminders: tuple[int, ...] = (7, 3, 1)  # working days before the limit, 1 = last good day
    cure_days: int = Field(default=3, ge=0)  # working days after the first return
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


class RungTo(StrEnum):
    UNIT = "unit"
    HEAD = "head"
    MEMBER = "member"
    CHAIR = "chair"


class Rung(Strict):
    number: int = Field(ge=1)
    to: RungTo
    after: int = Field(ge=1)  # working day after the limit on which it may be climbed
    approval: bool = True
    draft_only: bool = False  # a .docx for a leader to sign, never mailed


class Ladder(Strict):
    rungs: tuple[Rung, ...]
    gap: int = Field(default=2, ge=1)  # working days between letters really sent
    register_reading: bool = True  # above rung 1 only after the document register was read

    @model_validator(mode="after")
    def _climbs(self) -> Ladder:
        if [r.number for r in self.rungs] != list(range(1, len(self.rungs) + 1)):
            raise ValueError("các bậc phải đánh số 1, 2, 3 … liên tục")
        if any(a.after >= b.after for a, b in zip(self.rungs, self.rungs[1:], strict=False)):
            raise ValueError("bậc sau phải muộn hơn bậc trước (after tăng dần)")
        if any(r.approval is (r.number == 1) for r in self.rungs):
            raise ValueError("bậc 1 gửi tự động (approval = false); từ bậc 2 phải có người duyệt (true)")
        return self


class Chasing(Strict):
    """When chasing may leave (ruling 6). Answers to units leave at any time."""

    window_from: time = time(7, 0)
    window_to: time = time(17, 0)
    passes: tuple[time, ...] = (time(7, 10), time(13, 10))


class Policy(Strict):
    """plan.toml without its rounds: what applies to every round."""

    code: Code
    year: int
    title: Text
    number: str = ""  # blank in the text we have: "Số: /KH-BCĐ"
    number_suffix: str = "/KH-BCĐ"
    issued_on: date | None = None
    issuer: Text
    receiver: Code  # the unit that receives, chases and consolidates
    mail_prefix: Text = "[BCĐ KHCN-CĐS-ĐA06]"
    place: Text = "Ninh Bình"
    support_name: str = ""
    support_phone: str = ""
    support_email: str = ""
    area_owner: dict[Area, Code]
    ladder: Ladder
    chasing: Chasing = Chasing()


class Plan(Strict):
    policy: Policy
    rounds: tuple[Round, ...]
    units: tuple[Unit, ...]
    contacts: tuple[Contact, ...]
    members: tuple[Member, ...]
    indicators: tuple[Indicator, ...]
    assignments: tuple[Assignment, ...]
    holidays: tuple[Holiday, ...]

    @property
    def code(self) -> str:
        return self.policy.code

    @cached_property
    def unit_by_code(self) -> dict[str, Unit]:
        return {u.code: u for u in self.units}

    @cached_property
    def member_by_code(self) -> dict[str, Member]:
        return {m.code: m for m in self.members}

    @cached_property
    def indicator_by_code(self) -> dict[str, Indicator]:
        return {i.code: i for i in self.indicators}

    @cached_property
    def reportable(self) -> tuple[Indicator, ...]:
        """Indicators that carry a figure: all but the headings that were split (C2, C3)."""
        headings = {i.parent for i in self.indicators}
        return tuple(i for i in self.indicators if i.code not in headings)

    @cached_property
    def round_by_code(self) -> dict[str, Round]:
        return {r.code: r for r in self.rounds}

    def contacts_of(self, unit: str, *roles: Role) -> list[Contact]:
        """Active contacts of ``unit`` in the order of ``roles`` (all roles where none is named)."""
        wanted = roles or tuple(Role)
        return [c for r in wanted for c in self.contacts if c.unit == unit and c.role is r and c.active]

    def audience_of(self, round_: Round, *, assumed: bool) -> list[tuple[Unit, Certainty]]:
        """Who owes ``round_`` and on what basis (ruling 1).

        ``assumed=False`` (live mode) leaves out units that owe only by an assumption.
        """
        if round_.audience is Audience.LISTED:
            codes = dict.fromkeys(round_.units, Certainty.CONFIRMED)
        elif round_.audience is Audience.ALL:
            codes = {u.code: u.certainty for u in self.units if u.active}
        else:
            codes = {}
            for i in self.indicators:
                if i.lead and codes.get(i.lead) is not Certainty.CONFIRMED:
                    codes[i.lead] = i.lead_certainty
        return [
            (u, codes[u.code])
            for u in self.units
            if u.code in codes and (assumed or codes[u.code] is Certainty.CONFIRMED)
        ]

    def indicators_for(self, unit: Unit, form: Form, *, assumed: bool) -> list[Indicator]:
        """The indicators a form asks ``unit`` for: the led ones (KPI plan), the reported ones (quarter)."""
        if form is Form.KPI_PLAN:
            return [
                i
                for i in self.indicators
                if i.lead == unit.code and (assumed or i.lead_certainty is Certainty.CONFIRMED)
            ]
        if form is Form.QUARTERLY:
            return [i for i in self.indicators if unit.code in i.reported_by or unit.group in i.reported_by]
        return []

    def assignments_for(self, unit: Unit, *, assumed: bool) -> list[Assignment]:
        return [
            a
            for a in self.assignments
            if a.unit == unit.code and (assumed or a.certainty is Certainty.CONFIRMED)
        ]
