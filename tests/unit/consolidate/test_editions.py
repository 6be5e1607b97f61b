"""Editions: frozen with hashes, the same facts make none, a late report makes a new draft."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from config.plan import ZONE
from db.archive import Archive
from db.models import AuditRow, ExtensionRow
from tasks.consolidate.editions import EditionError, approve_edition, edition_files, new_edition
from tasks.consolidate.report import write_report

from .world import JUNE_30, Q2, share_of, unit_codes

ONE, TWO = unit_codes("xa")[:2]
JULY_1 = JUNE_30 + timedelta(days=1)


@pytest.fixture
def office(world, tmp_path):
    """Writes a report and asks for an edition of it."""
    world.opens(Q2, [ONE, TWO, "STC"])
    world.sends(Q2, ONE, figures=share_of("C9", 9, 10))
    archive = Archive(tmp_path / "archive")

    def consolidate(now=JUNE_30):
        report = write_report(world.office, Q2, now, tmp_path / "reports", pdf=False)
        return new_edition(world.session, archive, report, now)

    return consolidate, archive


def test_the_first_edition_is_number_one_and_keeps_the_exact_bytes(world, office, tmp_path):
    consolidate, archive = office
    edition = consolidate()
    assert (edition.number, edition.changes, edition.approved_at) == (1, [], None)
    for name, data in edition_files(archive, edition).items():
        assert data == (tmp_path / "reports" / name).read_bytes()
    assert world.session.query(AuditRow).filter_by(action="edition.created").count() == 1


def test_the_same_facts_make_no_new_edition_even_a_day_later(office):
    consolidate, _ = office
    assert consolidate() is not None
    assert consolidate() is None
    assert consolidate(JULY_1) is None  # one more day late is no new fact


def test_a_late_report_makes_a_new_draft_that_says_what_changed(world, office):
    consolidate, archive = office
    first = consolidate()
    before = edition_files(archive, first)
    world.sends(Q2, TWO, datetime(2026, 6, 30, 15, tzinfo=ZONE), figures=share_of("C9", 5, 10))
    second = consolidate(JULY_1)
    assert second.number == 2
    name = world.plan.unit_by_code[TWO].name
    assert (
        f"01 đơn vị chuyển từ “Quá hạn chưa hoàn thành” sang “Hoàn thành quá hạn”: {name}." in second.changes
    )
    assert any(c.startswith("Chỉ tiêu C9: 90 → 70") for c in second.changes)
    assert edition_files(archive, first) == before


def test_an_extension_and_an_exemption_are_changes(world, office):
    consolidate, _ = office
    consolidate()
    world.extends(Q2, TWO, datetime(2026, 7, 6, tzinfo=ZONE), "mưa bão")
    world.exempts(Q2, "STC", "mới sáp nhập")
    changes = consolidate(JULY_1).changes
    assert f"Gia hạn {world.plan.unit_by_code[TWO].name}: trước ngày 06/7/2026 (mưa bão)." in changes
    assert "Miễn báo cáo Sở Tài chính (mới sáp nhập)." in changes


def test_an_extension_taken_back_is_a_change_that_is_named(world, office):
    world.extends(Q2, TWO, datetime(2026, 6, 26, tzinfo=ZONE), "mưa bão")
    consolidate, _ = office
    consolidate()
    world.takes_back(ExtensionRow, Q2, TWO, JUNE_30)
    name = world.plan.unit_by_code[TWO].name
    assert f"Rút lại: Gia hạn {name}: trước ngày 26/6/2026 (mưa bão)." in consolidate(JULY_1).changes


def test_a_figure_that_a_person_settled_is_not_called_the_units_correction(world, office):
    consolidate, _ = office
    check = world.sends(Q2, "STC", figures={("C9", "cumulative"): (80.0, "gt", "trên 80%")})
    consolidate()
    world.settles(check, "C9", "cumulative", 82.0)
    assert consolidate(JULY_1).changes == [
        "Một số số liệu, thuyết minh có thay đổi; kết quả tổng hợp không đổi."
    ]


def test_a_corrected_figure_is_a_change(world, office):
    consolidate, _ = office
    consolidate()
    world.sends(Q2, ONE, datetime(2026, 6, 30, 12, tzinfo=ZONE), figures=share_of("C9", 8, 10))
    assert any(c.startswith("Chỉ tiêu C9: 90 → 80") for c in consolidate(JULY_1).changes)


def test_an_estimate_that_became_official_is_a_change(world, office):
    """ "ước 12%" becomes "12%" in the report, with the same number."""
    world.sends(Q2, "STC", figures={("C9", "cumulative"): (12.0, "ok", "12", "Ước")})
    consolidate, _ = office
    consolidate()
    at = datetime(2026, 6, 30, 12, tzinfo=ZONE)
    world.sends(Q2, "STC", at, figures={("C9", "cumulative"): (12.0, "ok", "12", "Chính thức")})
    assert consolidate(JULY_1) is not None


def test_the_first_approval_stands(world, office):
    consolidate, _ = office
    edition = consolidate()
    approve_edition(world.session, edition.id, "CV1", JUNE_30)
    again = approve_edition(world.session, edition.id, "CV2", JULY_1)
    assert (again.approved_by, again.approved_at) == ("CV1", JUNE_30)
    assert world.session.query(AuditRow).filter_by(action="edition.approved").count() == 1


def test_a_replaced_edition_can_no_longer_be_approved(world, office):
    consolidate, _ = office
    first = consolidate()
    world.sends(Q2, TWO, datetime(2026, 6, 30, 15, tzinfo=ZONE))
    consolidate(JULY_1)
    with pytest.raises(EditionError, match="lần 2"):
        approve_edition(world.session, first.id, "CV1", JULY_1)


def test_an_unknown_edition_is_said(world, office):
    with pytest.raises(EditionError):
        approve_edition(world.session, 999, "CV1", JUNE_30)
