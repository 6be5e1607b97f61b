"""Files as Excel, editors and people leave them."""

from __future__ import annotations

import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from config.plan import Plan
from config.plan_files import check_plan, load_plan
from config.plan_read import key_lines
from config.settings import PLANS
from tests.unit.config.editing import line_of, replace


def rewrite(path: Path, change: Any) -> None:
    path.write_bytes(change(path.read_bytes()))


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(folder: Path, plan: Plan) -> None:
    for path in folder.iterdir():
        rewrite(path, lambda raw: b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"))
    assert load_plan(folder) == plan


def test_text_in_decomposed_letters_is_read_as_one_spelling(folder: Path, plan: Plan) -> None:
    for path in folder.iterdir():
        rewrite(path, lambda raw: unicodedata.normalize("NFD", raw.decode()).encode())
    assert load_plan(folder) == plan


def test_columns_may_stand_in_any_order_and_optional_ones_may_be_left_out(folder: Path) -> None:
    (folder / "members.csv").write_text(
        "role,code,title,name\nchair,TB,Trưởng Ban,\nvice_chair,PTB1,Phó Trưởng Ban,\n"
        "member,TV-SKHCN,Thành viên,\nmember,TV-CAT,Thành viên,\nmember,TV-SNV,Thành viên,\n"
        "member,TV-VPUBND,Thành viên,\n",
        encoding="utf-8",
    )
    assert check_plan(folder) == []


def test_a_file_that_excel_saved_with_semicolons_is_one_fault(folder: Path) -> None:
    rewrite(folder / "members.csv", lambda raw: raw.replace(b",", b";"))
    faults = [f for f in check_plan(folder) if f.file == "members.csv"]
    assert [(f.line, "dấu phẩy" in f.advice) for f in faults] == [(1, True)]


@pytest.mark.parametrize("encoding", ["cp1258", "utf-16"])
def test_a_file_in_another_encoding_names_its_first_bad_line(folder: Path, encoding: str) -> None:
    text = "code,name,title,role\nTB,Hoa,Chair,chair\nTV,Ân,Member,member\n"
    (folder / "members.csv").write_bytes(text.encode(encoding))
    faults = [f for f in check_plan(folder) if f.file == "members.csv"]
    assert [f.line for f in faults] == [3 if encoding == "cp1258" else 1]
    assert "CSV UTF-8" in faults[0].advice


@pytest.mark.parametrize("name", ["plan.toml", "units.csv", "holidays.csv"])
def test_a_missing_file_is_a_fault_of_its_own(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert ("Thiếu tệp này" in str([f for f in check_plan(folder) if f.file == name])) is True


def test_a_folder_that_does_not_exist_lists_all_seven_files(tmp_path: Path) -> None:
    faults = check_plan(tmp_path / "none")
    assert len({f.file for f in faults}) == 7


@pytest.mark.parametrize(
    ("old", "new", "field", "advice"),
    [
        ("code,name,title", "code,nam,title", "nam", "“name”"),
        ("code,name,title", "code,title", "name", "Thiếu cột"),
        ("certainty", "certainty,extra", "extra", "Không có cột"),
        ("code,name,title", "code,name,name,title", "name", "lặp"),
    ],
    ids=["misspelt", "missing", "extra", "twice"],
)
def test_a_wrong_column_is_named(folder: Path, old: str, new: str, field: str, advice: str) -> None:
    replace(folder, "members.csv", old, new)
    faults = [f for f in check_plan(folder) if f.file == "members.csv"]
    assert (faults[0].line, faults[0].field) == (1, field)
    assert advice in faults[0].advice


def test_a_comma_without_quotes_is_a_row_with_too_many_cells(folder: Path) -> None:
    line = replace(folder, "members.csv", "chỉ đạo chung", "chỉ đạo, điều hành")
    assert [(f.file, f.line) for f in check_plan(folder)] == [("members.csv", line)]


def test_an_open_quote_is_a_fault_on_its_line(folder: Path) -> None:
    line = replace(folder, "holidays.csv", "Quốc khánh,confirmed", '"Quốc khánh,confirmed')
    assert [(f.file, f.line) for f in check_plan(folder)] == [("holidays.csv", line)]


def test_lines_are_counted_past_cells_of_several_lines(folder: Path) -> None:
    replace(folder, "assignments.csv", "Báo cáo kết quả đôn đốc", '"Báo cáo\nkết quả\nđôn đốc"')
    line = replace(folder, "assignments.csv", "NV-SKHCN-3", "NV SKHCN 3")
    assert [(f.file, f.line) for f in check_plan(folder)] == [("assignments.csv", line)]


def test_every_key_of_plan_toml_is_found_on_its_own_line() -> None:
    text = (PLANS / "2026" / "plan.toml").read_text(encoding="utf-8")
    lines, places = text.split("\n"), key_lines(text)

    def walk(value: Any, path: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
        if isinstance(value, dict):
            return [p for k, v in value.items() for p in walk(v, (*path, k))]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return [p for i, v in enumerate(value) for p in walk(v, (*path, i))]
        return [path]

    keys = walk(tomllib.loads(text), ())
    assert len(keys) > 150
    for path in keys:
        assert lines[places[path] - 1].lstrip().startswith(f"{path[-1]} ="), path


def test_what_stands_inside_long_strings_and_lists_is_no_key() -> None:
    text = 'a = """\nb = 1\n[c]\n"""\nd = [\n  "e = 2", # ]\n  "]",\n]\n[f]\ng.h = "x"\n[[i]]\n[[i]]\nj = 1\n'
    assert key_lines(text) == {
        ("a",): 1, ("d",): 5, ("f",): 9, ("f", "g", "h"): 10, ("i", 0): 11, ("i", 1): 12, ("i", 1, "j"): 13,
    }  # fmt: skip


def test_a_key_given_twice_is_a_syntax_fault_on_the_second_line(folder: Path) -> None:
    line = line_of(folder, "plan.toml", "number_suffix")
    replace(folder, "plan.toml", "number_suffix", "number = 1\nnumber_suffix")
    (fault,) = check_plan(folder)
    assert (fault.file, abs(fault.line - line) <= 1) == ("plan.toml", True)
