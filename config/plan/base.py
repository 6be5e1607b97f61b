"""What every room of the plan shares: zone, codes, the strict model, certainty, area."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

CODE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$"
Code = Annotated[str, Field(pattern=CODE)]


def _one_line(value: object) -> object:
    """Names and titles stand in subjects and headers: one line, no blank at either end."""
    return " ".join(value.split()) if isinstance(value, str) else value


Text = Annotated[str, Field(min_length=1), BeforeValidator(_one_line)]
Days = Annotated[int, Field(ge=1, le=250)]  # working days: a year of them, no more


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


class Area(StrEnum):
    """Who owns the chasing of a round (plan l.121, 133, 141; domain note A12)."""

    GENERAL = "general"  # Sở KH&CN
    DE_AN_06 = "de_an_06"  # Công an tỉnh
    CCHC = "cchc"  # Sở Nội vụ
