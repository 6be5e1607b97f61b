"""Every number of the documents, recounted from the tables by SQL that knows nothing of our code."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from .reading import sheet, tables
from .world import PLAN, Q3

LIMIT = "2026-09-24 17:00:00.000000"  # 25/9 00:00 in Việt Nam, as UTC
EXTENDED = "2026-10-04 17:00:00.000000"

ACCEPTED = f"""
WITH verdicts AS (
  SELECT o.unit, s.version, s.arrived_at, (SELECT c.verdict FROM check_result c WHERE c.submission_id = s.id
         ORDER BY c.id DESC LIMIT 1) AS verdict,
         (SELECT max(c.id) FROM check_result c WHERE c.submission_id = s.id) AS check_id
  FROM obligation o JOIN submission s ON s.obligation_id = o.id
  WHERE o.round = '{Q3}' AND o.id NOT IN (SELECT obligation_id FROM exemption)),
accepted AS (SELECT * FROM verdicts WHERE verdict = 'accepted')
"""


@pytest.fixture(scope="module")
def ask(province):
    connection = province.engine.connect()
    yield lambda query: connection.execute(text(query)).fetchall()
    connection.close()


@pytest.fixture(scope="module")
def total(report):
    return sheet(report.files[1], "Tổng hợp")[3]


def one(rows):
    return rows[0][0]


def test_who_had_to_report(ask, total):
    owed = one(ask(f"SELECT count(*) FROM obligation WHERE round='{Q3}'"))
    exempt = one(ask(
        f"SELECT count(*) FROM exemption e JOIN obligation o ON o.id=e.obligation_id WHERE o.round='{Q3}'"
    ))  # fmt: skip
    assert (total["Phải gửi"], total["Không thuộc diện"]) == (owed - exempt, exempt)
    assert owed == 145


def test_who_reported_in_time_and_late(ask, total):
    in_time = one(ask(ACCEPTED + f"SELECT count(*) FROM accepted WHERE arrived_at < '{LIMIT}'"))
    late = one(ask(ACCEPTED + f"SELECT count(*) FROM accepted WHERE arrived_at >= '{LIMIT}'"))
    assert (total["Đúng hạn"], total["Quá hạn"]) == (in_time, late)


def test_who_sent_nothing(ask, total):
    silent = one(ask(
        f"""SELECT count(*) FROM obligation o WHERE o.round='{Q3}' AND o.id NOT IN (SELECT obligation_id FROM submission)
            AND o.id NOT IN (SELECT obligation_id FROM exemption)"""
    ))  # fmt: skip
    assert total["Chưa gửi"] == silent
    assert total["Đã gửi"] == total["Phải gửi"] - silent


def test_returned_and_never_mended(ask, total):
    returned = one(ask(ACCEPTED + "SELECT count(*) FROM verdicts WHERE verdict='returned'"))
    assert total["Gửi chưa đầy đủ"] + total["Trả lại, chờ bổ sung"] == returned


def test_every_group_and_the_total_agree_in_workbook_and_document(report):
    (first, *_), rows = (
        [t for t in tables(report.files[0]) if t[0][0] == "Nhóm"],
        sheet(report.files[1], "Tổng hợp"),
    )
    for written, counted in zip(first[1:], rows[:4], strict=True):
        assert written[0] == counted["Nhóm"]
        assert [int(x) for x in written[1:5]] == [
            counted[k] for k in ("Phải gửi", "Đã gửi", "Đúng hạn", "Quá hạn")
        ]


@pytest.mark.parametrize("code", [i.code for i in PLAN.reportable if i.numerator])
def test_the_provinces_value_of(code, ask, report):
    query = (
        ACCEPTED
        + f"""
      SELECT sum(n.value), sum(d.value), count(*) FROM accepted a
      JOIN figure n ON n.check_id = a.check_id AND n.indicator='{code}' AND n.field='numerator'
      JOIN figure d ON d.check_id = a.check_id AND d.indicator='{code}' AND d.field='denominator'
      WHERE n.flag IN ('ok','dot_decimal','ratio','approx') AND d.flag IN ('ok','dot_decimal','ratio','approx')
        AND n.value <= d.value AND d.value > 0"""
    )
    top, bottom, units = ask(query)[0]
    row = next(r for r in sheet(report.files[1], "Chỉ tiêu") if r["Mã"] == code)
    assert (row["Tổng tử số"] or None, row["Tổng mẫu số"] or None, row["Có tử số, mẫu số"]) == (
        top,
        bottom,
        units,
    )
    if not units:
        # a value without sums is allowed only where one unit alone speaks for the province
        assert row["Kết quả toàn tỉnh"] == "" or row["Đơn vị phải báo cáo"] == 1
        return
    assert row["Kết quả toàn tỉnh"] == pytest.approx(100 * top / bottom)
    written = next(r for t in tables(report.files[0]) for r in t if len(r) == 10 and r[1] == code)
    assert written[6].replace(",", ".").split("%")[0] == f"{100 * top / bottom:.2f}".rstrip("0").rstrip(".")


def test_flags_kept_out_of_the_sums_are_counted_as_words(ask, report):
    query = (
        ACCEPTED
        + """SELECT f.indicator, count(*) FROM accepted a JOIN figure f ON f.check_id = a.check_id
        WHERE f.field='cumulative' AND f.flag IN ('met_no_number','gt') GROUP BY f.indicator"""
    )
    counted = dict(tuple(r) for r in ask(query))
    for row in sheet(report.files[1], "Chỉ tiêu"):
        assert row["Chưa ghi số cụ thể"] == counted.get(row["Mã"], 0)


def test_overdue_assignments(ask, report):
    query = (
        ACCEPTED + "SELECT p.assignment, p.state FROM accepted a JOIN progress p ON p.check_id = a.check_id"
    )
    said = dict(tuple(r) for r in ask(query))
    due = {a.code for a in PLAN.assignments if a.due and a.due.isoformat() < "2026-09-30"}
    late = {c for c in due if not said.get(c, "").startswith("Đã hoàn thành")}
    rows = sheet(report.files[1], "Nhiệm vụ")
    assert {r["Mã"] for r in rows if r["Tình trạng"] == "Quá hạn chưa hoàn thành"} == late
    annex = next(t for t in tables(report.files[0]) if t[0][1] == "Nhiệm vụ")
    assert len(annex) - 1 == len(late) > 0


def test_provenance_names_every_accepted_figure_with_its_cell_and_file(ask, report):
    query = (
        ACCEPTED
        + """SELECT f.raw, f.sheet, f.cell, fi.name, fi.sha256 FROM accepted a
        JOIN figure f ON f.check_id = a.check_id JOIN check_result c ON c.id = f.check_id
        JOIN submission s ON s.id = c.submission_id JOIN file fi ON fi.id = s.file_id"""
    )
    expected = sorted(tuple(r) for r in ask(query))
    rows = [r for r in sheet(report.files[1], "Nguồn số liệu") if r["Đợt"] == Q3]
    names = ("Giá trị gốc trong tệp", "Trang tính", "Ô", "Tệp", "SHA-256 của tệp")
    assert sorted(tuple(r[k] for k in names) for r in rows) == expected


def test_difficulties_in_the_workbook_are_the_units_own_words(ask, report):
    query = (
        ACCEPTED
        + """SELECT n.text FROM accepted a JOIN narrative n ON n.check_id = a.check_id
        WHERE n.section IN ('shortcomings', 'proposal') AND n.text <> 'Không có'"""
    )
    written = [
        r["Nội dung"]
        for r in sheet(report.files[1], "Khó khăn, kiến nghị")
        if not r["Nêu tại"].startswith("NV-")
    ]
    assert sorted(written) == sorted(r[0] for r in ask(query))


def test_the_summary_says_the_same_numbers(report, total):
    assert f"{total['Đã gửi']}/{total['Phải gửi']} cơ quan" in report.summary[0]
    assert f"đúng hạn {total['Đúng hạn']}" in report.summary[0]
