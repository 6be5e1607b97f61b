"""The Department's own debt: reminded of its consolidated report until an edition is approved (plan l.123)."""

from __future__ import annotations

from datetime import datetime

import pytest

from config.plan import ZONE
from db import audit
from db.models import EditionRow, NoticeRow
from tasks.consolidate.due import consolidate_due
from tasks.consolidate.editions import approve_edition

from .world import Q2, share_of, unit_codes

ONE, TWO = unit_codes("xa")[:2]
JULY = [datetime(2026, 7, day, 7, 10, tzinfo=ZONE) for day in (1, 2, 3, 6, 7)]


@pytest.fixture
def drafted(world, monkeypatch):
    """A first edition; PDFs, which these tests do not look at, are left out."""
    from tasks.consolidate import report

    monkeypatch.setattr(report, "make_pdf", lambda path, now: path)
    world.opens(Q2, [ONE, TWO])
    world.sends(Q2, ONE, figures=share_of("C9", 9, 10))
    consolidate_due(world.office, datetime(2026, 6, 30, 7, 10, tzinfo=ZONE))
    return world


def reminders(world) -> int:
    return world.session.query(NoticeRow).filter_by(kind="consolidation_due").count()


def test_a_draft_that_nobody_approves_is_reminded_of(drafted):
    for now in JULY:
        consolidate_due(drafted.office, now)
    assert reminders(drafted)


def test_a_supplement_to_an_approved_report_is_no_debt(drafted):
    (first,) = drafted.session.query(EditionRow)
    approve_edition(drafted.session, first.id, "CV1", JULY[0])
    drafted.sends(Q2, TWO, JULY[0], figures=share_of("C9", 5, 10))
    audit.record(drafted.session, at=JULY[0], actor="system", action="submission.checked", subject="2")
    for now in JULY:
        consolidate_due(drafted.office, now)
    assert drafted.session.query(EditionRow).count() == 2
    assert reminders(drafted) == 0
