"""The official states of an assignment, and how clerks write them."""

from __future__ import annotations

from tasks.forms.columns import STATES
from tasks.rules.viet import fold

DONE, DONE_LATE, ONGOING, NOT_DONE = STATES
COMPUTED = "Quá hạn chưa hoàn thành"  # by the due date, never picked by the unit (ruling 8)

_WAYS = {
    DONE: ("da hoan thanh", "hoan thanh", "da xong", "xong", "hoan thanh dung han", "da hoan thanh dung han"),
    DONE_LATE: ("da hoan thanh qua han", "hoan thanh qua han", "da hoan thanh cham", "hoan thanh cham"),
    ONGOING: ("dang thuc hien", "dang trien khai", "dang tien hanh", "trong han dang thuc hien", "dang lam"),
    NOT_DONE: ("chua hoan thanh", "chua thuc hien", "chua trien khai", "chua xong"),
}
_BY_FOLD = {way: state for state, ways in _WAYS.items() for way in ways}


def official_state(text: str) -> str:
    """The official state that ``text`` means; the computed one counts as not done; "" for others."""
    folded = fold(text)
    return NOT_DONE if is_computed(text) else _BY_FOLD.get(folded, "")


def is_computed(text: str) -> bool:
    return fold(text).startswith("qua han chua")
