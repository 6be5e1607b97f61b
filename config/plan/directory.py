"""Who: units, their contacts, the committee's members."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from .base import Certainty, Code, Strict, Text


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
