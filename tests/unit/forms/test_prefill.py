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
