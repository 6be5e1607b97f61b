"""What ``dondoc why`` says of a proposal: in Vietnamese, with its hours."""

from __future__ import annotations

import pytest

from tasks.chase.explain import _proposal
from tasks.rules.facts import Proposed
from tests.builders import at

MADE, DECIDED, LAPSED = at("30/6 13:10"), at("30/6 14:00"), at("02/7 07:10")


@pytest.mark.parametrize(
    ("verdict", "lapsed", "said"),
    [
        ("", None, "bậc 2, lập 13 giờ 10 phút ngày 30/6/2026: đang chờ duyệt"),
        ("approve", None, "bậc 2, lập 13 giờ 10 phút ngày 30/6/2026; duyệt 14 giờ 00 phút ngày 30/6/2026"),
        ("decline", None, "…; không duyệt 14 giờ 00 phút ngày 30/6/2026"),
        ("left_out", None, "…; bỏ đơn vị này ra 14 giờ 00 phút ngày 30/6/2026"),
        ("approve", LAPSED, "…; duyệt 14 giờ 00 phút ngày 30/6/2026; hết hiệu lực 07 giờ 10 phút ngày 02/7/2026"),
    ],
)
def test_a_proposal_is_told_with_what_became_of_it(verdict: str, lapsed: object, said: str) -> None:
    proposal = Proposed(2, at("25/6"), 0, MADE, DECIDED if verdict else None, verdict, lapsed)  # type: ignore[arg-type]
    told = _proposal(proposal)
    assert told.endswith(said.removeprefix("…")) and told.startswith("bậc 2, lập 13 giờ 10")
