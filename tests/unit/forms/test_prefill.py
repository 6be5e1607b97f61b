"""The reference column: the unit's own last figures, as far as they count as numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.forms.prefill import accepted_values, last_accepted

from ..consolidate.world import Q2, World, a_world, share_of, unit_codes

ONE, TWO = unit_codes("xa")[:2]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = a_world(tmp_path)
    made.opens(Q2, [ONE, TWO])
    return made


def last_values(world: World) -> dict[str, float]:
    return accepted_values(world.session, last_accepted(world.session, world.plan.code, Q2, ONE))


def test_a_document_that_a_person_vouches_for_keeps_the_values_of_the_workbook_before_it(world) -> None:
    world.sends(Q2, ONE, figures=share_of("C9", 7, 10))
    world.sends(Q2, ONE, kind="document")
    assert last_values(world) == {"C9": 70.0}


@pytest.mark.parametrize(
    ("flag", "raw"),
    [("gt", "trên 80%"), ("lt", "dưới 80%"), ("range", "80-90%"), ("multi_value", "80%; lũy kế 85%")],
)
def test_what_is_no_settled_number_is_not_shown_as_one(world, flag, raw) -> None:
    world.sends(Q2, ONE, figures={("C9", "cumulative"): (80.0, flag, raw), ("C9", "result"): 12.0})
    assert last_values(world) == {}


def test_the_quarters_own_value_stands_only_where_nothing_cumulative_is_said(world) -> None:
    world.sends(
        Q2, ONE, figures={("C9", "cumulative"): (None, "no_data", "chưa có"), ("C9", "result"): 12.0}
    )
    assert last_values(world) == {"C9": 12.0}


def test_a_persons_decision_stands_before_what_was_read(world) -> None:
    check = world.sends(
        Q2,
        ONE,
        figures={
            ("C9", "cumulative"): (80.0, "gt", "trên 80%"),
            ("C10", "cumulative"): 50.0,
            ("C10", "result"): 12.0,
        },
    )
    world.settles(check, "C9", "cumulative", 82.5)
    world.settles(check, "C10", "cumulative", None)
    assert last_values(world) == {"C9": 82.5}


def test_another_units_and_returned_values_are_not_shown(world) -> None:
    world.sends(Q2, TWO, figures=share_of("C9", 7, 10))
    world.sends(Q2, ONE, verdict="returned", figures=share_of("C9", 9, 10))
    assert last_values(world) == {}
