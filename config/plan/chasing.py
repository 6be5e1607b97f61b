"""How it is chased: the ladder, the window, what holds for every round."""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum

from pydantic import Field, model_validator

from .base import Area, Code, Days, Strict, Text


class RungTo(StrEnum):
    UNIT = "unit"
    HEAD = "head"
    MEMBER = "member"
    CHAIR = "chair"


class Rung(Strict):
    number: int = Field(ge=1)
    to: RungTo
    after: Days  # working day after the limit on which it may be climbed
    approval: bool = True
    draft_only: bool = False  # a .docx for a leader to sign, never mailed


class Ladder(Strict):
    rungs: tuple[Rung, ...]
    gap: Days = 2  # working days between letters really sent
    register_reading: bool = True  # above rung 1 only after the document register was read

    def rung(self, number: int) -> Rung | None:
        """None: a rung that the plan no longer has; proposals and letters of it may still be there."""
        return self.rungs[number - 1] if 0 < number <= len(self.rungs) else None

    @model_validator(mode="after")
    def _climbs(self) -> Ladder:
        if [r.number for r in self.rungs] != list(range(1, len(self.rungs) + 1)):
            raise ValueError("các bậc phải đánh số 1, 2, 3 … liên tục")
        if any(a.after >= b.after for a, b in zip(self.rungs, self.rungs[1:], strict=False)):
            raise ValueError("bậc sau phải muộn hơn bậc trước (after tăng dần)")
        if self.rungs and (self.rungs[0].to is not RungTo.UNIT or self.rungs[0].draft_only):
            raise ValueError("bậc 1 là thư gửi chính đơn vị (to = unit, không phải draft_only)")
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
