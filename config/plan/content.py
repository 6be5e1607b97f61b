"""What is reported: indicators and assignments."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from .base import Area, Certainty, Code, Strict, Text


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
