"""The kinds of fields a desk form has. What no table could keep is refused here, in a sentence:
a slip of the hand (year 9999, twenty digits, one unit named twice) never reaches a deed.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from config.plan import ZONE

YEARS = (2000, 2100)  # what an operator may mean
LARGEST = 2**31 - 1  # of a row's number, in either database


def _split(value: Any) -> Any:
    """"SYT, SNV" as an operator types it, or the list that a program gives."""
    return [part for part in re.split(r"[\s,;]+", value) if part] if isinstance(value, str) else value


def _once(codes: tuple[str, ...]) -> tuple[str, ...]:
    """A unit named twice is decided on once: of two exemptions, taking one back would leave the other."""
    return tuple(dict.fromkeys(codes))


def _readable(text: str) -> str:
    """PostgreSQL keeps no NUL, and no file has it in its name."""
    if "\0" in text:
        raise PydanticCustomError("nul", "có ký tự không đọc được")
    return text


def _local(value: datetime) -> datetime:
    """An hour without a zone is Vietnamese time."""
    return value if value.tzinfo else value.replace(tzinfo=ZONE)


def _within(value: date) -> date:
    first, last = YEARS
    if first <= value.year <= last:
        return value
    raise PydanticCustomError("year_out_of_range", f"năm phải từ {first} đến {last}")


Line = Annotated[str, AfterValidator(_readable)]
Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_readable)]
Day = Annotated[date, AfterValidator(_within)]
Moment = Annotated[datetime, AfterValidator(_within), AfterValidator(_local)]
Number = Annotated[int, Field(ge=1, le=LARGEST)]  # of a row: an item, a notice, a proposal
# In the Prefect UI one line of text, because 145 codes make no drop-down.
Codes = Annotated[
    tuple[Filled, ...], BeforeValidator(_split), AfterValidator(_once), WithJsonSchema({"type": "string"})
]
Numbers = Annotated[tuple[int, ...], BeforeValidator(_split), WithJsonSchema({"type": "string"})]
