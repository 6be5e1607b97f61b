"""One slip in a plan folder gives one fault: file, line, field and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.plan_faults import Fault, PlanError
from config.plan_files import check_plan, load_plan
from tests.unit.config.editing import append, line_of, replace
from tests.unit.config.slips import AT_TABLE, SLIPS


@pytest.mark.parametrize("slip", SLIPS, ids=str)
def test_one_slip_gives_one_fault_with_its_line_and_advice(folder: Path, slip: str) -> None:
    file, old, new, field, advice = SLIPS[slip]
    line = replace(folder, file, old, new) + new[: new.find(field)].count("\n")
    if slip in AT_TABLE:
        line = line_of(folder, file, AT_TABLE[slip])
    faults = check_plan(folder)
    assert [(f.file, f.line, f.field) for f in faults] == [(file, line, field)], faults
    assert advice in str(faults[0])


@pytest.mark.parametrize(
    ("file", "row", "field"),
    [
        ("units.csv", "14329,Phường Khác,UBND phường Khác,phuong,true,TV-CAT,assumed,,confirmed,", "code"),
        (
            "units.csv",
            "99999,Phường Hoa Lư,UBND phường Hoa Lư,phuong,true,TV-CAT,assumed,,confirmed,",
            "name",
        ),
        ("contacts.csv", "SNV,head,thutruong.snv@ninhbinh.example,,,,true", "email"),
        ("members.csv", "TV-CAT,,Thành viên,member,,,,assumed", "code"),
        ("assignments.csv", "nv-cat-1,Việc,de_an_06,Văn bản,CAT,,,general,assumed,", "code"),
        ("holidays.csv", "2026-09-02,off,Quốc khánh,confirmed,", "date"),
    ],
    ids=["unit code", "unit name", "contact", "member", "assignment, in other case", "holiday"],
)
def test_a_double_is_named_with_the_line_of_the_first(folder: Path, file: str, row: str, field: str) -> None:
    line = append(folder, file, row)
    faults = check_plan(folder)
    assert [(f.file, f.line, f.field) for f in faults] == [(file, line, field)]
    assert "đã có ở dòng" in faults[0].advice


def test_a_round_given_twice_is_named_with_the_line_of_the_first(folder: Path) -> None:
    first = line_of(folder, "plan.toml", 'code = "2026-q3"')
    line = replace(folder, "plan.toml", 'code = "2026-q4"', 'code = "2026-q3"')
    double = [f for f in check_plan(folder) if f.field == "code"]
    assert [(f.line, f.found) for f in double] == [(line, "2026-q3")]
    assert f"dòng {first};" in double[0].advice


def test_holidays_that_end_before_the_last_round_are_a_fault(folder: Path) -> None:
    path = folder / "holidays.csv"
    rows = [r for r in path.read_text(encoding="utf-8").splitlines() if not r.startswith("2027")]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    (fault,) = check_plan(folder)
    assert (fault.file, fault.line, fault.found) == ("holidays.csv", len(rows), "2026-11-24")
    assert "30/12/2026" in fault.advice


def test_an_empty_table_of_holidays_is_a_fault(folder: Path) -> None:
    (folder / "holidays.csv").write_text("date,kind,name,certainty,source\n", encoding="utf-8")
    assert [(f.file, f.line) for f in check_plan(folder)] == [("holidays.csv", 1)]


def test_a_head_under_the_address_of_the_member_in_charge_is_one_person(folder: Path) -> None:
    line = replace(
        folder, "contacts.csv", "thutruong.sxd@ninhbinh.example", "thanhvien.skhcn@bcd.ninhbinh.example"
    )
    (fault,) = check_plan(folder)
    assert (fault.file, fault.line, fault.field) == ("contacts.csv", line, "email")


def test_all_faults_of_all_files_come_at_once(folder: Path) -> None:
    for slip in ("an address without a domain", "a number with a decimal comma", "an unknown previous round"):
        replace(folder, *SLIPS[slip][:3])
    with pytest.raises(PlanError) as caught:
        load_plan(folder)
    assert [f.file for f in caught.value.faults] == ["contacts.csv", "indicators.csv", "plan.toml"]
    assert str(caught.value).count("\n") == 2


@pytest.mark.parametrize("spoil", ["", "code;name;group\nSYT;Sở Y tế;so_nganh\n", "code,tên\nSYT,Sở Y tế\n"])
@pytest.mark.parametrize("file", ["units.csv", "members.csv"])
def test_a_table_that_cannot_be_read_is_told_once_not_by_each_row_that_needs_it(
    folder: Path, file: str, spoil: str
) -> None:
    (folder / file).write_text(spoil, encoding="utf-8")
    assert {f.file for f in check_plan(folder)} == {file}


@pytest.mark.parametrize("file", ["units.csv", "members.csv"])
def test_a_table_with_its_head_only_is_a_fault(folder: Path, file: str) -> None:
    head = (folder / file).read_text(encoding="utf-8-sig").splitlines()[0]
    (folder / file).write_text(head + "\n", encoding="utf-8")
    assert [f.advice for f in check_plan(folder)] == ["Bảng chưa có dòng nào; hãy điền."]


def test_a_name_that_excel_broke_into_two_lines_is_one_line(folder: Path) -> None:
    replace(folder, "units.csv", "Sở Nội vụ,Sở Nội vụ", '"Sở  Nội\nvụ",Sở Nội vụ')
    assert load_plan(folder).unit_by_code["SNV"].name == "Sở Nội vụ"


def test_a_faulty_row_still_counts_as_known_to_the_rows_that_name_it(folder: Path) -> None:
    replace(folder, "units.csv", "Sở Nội vụ,Sở Nội vụ,so_nganh,true", "Sở Nội vụ,Sở Nội vụ,so_nganh,maybe")
    assert len(check_plan(folder)) == 1


def test_a_fault_reads_as_a_sentence_for_a_clerk() -> None:
    fault = Fault("units.csv", 14, "member", "TV9", "Mã không có trong members.csv.")
    assert str(fault) == "units.csv:14 · member · đang là “TV9” · Mã không có trong members.csv."
