"""An ad hoc round with each of the plan's forms: the invitation brings the right workbook."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.models import FigureRow, ObligationRow
from db.session import reading
from tasks.desk.common import DeskError
from tasks.forms.prefill import FIELDS, spec_for
from tasks.forms.read import read
from tasks.forms.types import Reading

from .installation import Installation, at

ASKED: dict[str, Any] = {
    "round": "2026-dx1", "title": "báo cáo đột xuất về chữ ký số", "content": "Số chữ ký số đã cấp.",
    "until": "2026-07-15", "reminders": "1",
}  # fmt: skip
PERIOD = {"period_from": "2026-06-15", "period_to": "2026-07-05"}


@pytest.fixture(scope="module")
def july(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """SYT has answered the second quarter."""
    made = Installation(tmp_path_factory.mktemp("house"), at("2026-06-01T06:00"))
    made.day("2026-06-01T07:10")
    made.answer("SYT", "2026-q2")
    made.day("2026-06-22T07:10")
    made.office.engine.dispose()
    return made


@pytest.fixture
def here(july: Installation, tmp_path: Path) -> Iterator[Installation]:
    made = july.copied(tmp_path / "var")
    yield made
    made.office.engine.dispose()


def invited(here: Installation, unit: str) -> tuple[EmailMessage, Reading]:
    """The invitation to ``unit`` and the workbook in it."""
    to = next(n.recipient for n in here.notices(unit=unit, round="2026-dx1", kind="invitation"))
    mail = next(m for m in reversed(here.mails()) if m["To"] == to)
    (workbook,) = mail.iter_attachments()
    return mail, read(workbook.get_content(), workbook.get_filename() or "")


@pytest.mark.parametrize(
    ("form", "name", "more"), [("free", "DotXuat_", {}), ("quarterly", "BaoCao_", PERIOD)]
)
def test_the_invitation_brings_the_form_that_was_chosen(
    here: Installation, form: str, name: str, more: dict[str, Any]
) -> None:
    told = here.desk("open_ad_hoc", "2026-07-06T06:50", units="SYT, SNV", form=form, **ASKED, **more)
    assert told == "Đã mở đợt 2026-dx1: 2 đơn vị"
    here.day("2026-07-06T07:10")
    mail, workbook = invited(here, "SYT")
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename() or "").startswith(name)
    assert workbook.identity and (workbook.identity.form, workbook.identity.unit) == (form, "SYT")
    body = mail.get_body(("plain",))
    assert body and "Số chữ ký số đã cấp" in body.get_content()
    (both,) = here.notices(unit="SNV", nature="chase", kind="overdue")[-1:]  # late in June's round too: one mail
    assert [a["form"] for a in both.attachments] and len(both.attachments) == 2


def test_last_quarters_accepted_values_stand_in_an_ad_hoc_quarterly_form(here: Installation) -> None:
    here.desk("open_ad_hoc", "2026-07-06T06:50", units="SYT, SNV", form="quarterly", **ASKED, **PERIOD)
    known = {f.indicator: f.value for f in _figures(here) if f.value is not None}
    assert known
    spec = _spec(here, "SYT")
    assert {i.code: i.last for i in spec.indicators if i.last is not None} == {
        i.code: known[i.code] for i in spec.indicators if i.code in known
    }
    assert [i.last for i in _spec(here, "SNV").indicators if i.last is not None] == []


def test_a_figure_that_a_person_decided_not_to_use_is_nobodys_last_value(here: Installation) -> None:
    here.desk("open_ad_hoc", "2026-07-06T06:50", units="SYT, SNV", form="quarterly", **ASKED, **PERIOD)
    known, rejected = sorted({f.indicator for f in _figures(here) if f.value is not None})[:2]
    for f in _figures(here):
        if f.indicator == known:
            here.desk("confirm_figure", "2026-07-06T06:52", figure=f.id, value=1234567.5)
        if f.indicator == rejected:
            here.desk("confirm_figure", "2026-07-06T06:52", figure=f.id, value=12)  # and thought better of it:
            here.desk("confirm_figure", "2026-07-06T06:53", figure=f.id)
    last = {i.code: i.last for i in _spec(here, "SYT").indicators}
    assert (last[known], last[rejected]) == (1234567.5, None)


def test_a_confirmed_figure_is_told_as_vietnamese_write_it(here: Installation) -> None:
    figure = _figures(here)[0].id
    told = here.desk("confirm_figure", "2026-07-06T06:50", figure=figure, value=1234567.5)
    assert "1.234.567,5" in told
    assert here.desk("confirm_figure", "2026-07-06T06:51", figure=figure).endswith("không dùng")


def test_a_figure_of_a_version_that_was_replaced_is_not_confirmed_any_more(here: Installation) -> None:
    old = _figures(here)[0].id
    here.answer("SYT", "2026-q2", 0.8)
    here.day("2026-06-23T13:10")
    with pytest.raises(DeskError, match=rf"Số liệu số {old} .* thay bằng lần 2; hãy xác nhận số liệu của lần ấy"):
        here.desk("confirm_figure", "2026-06-23T14:00", figure=old, value=5)
    new = _figures(here)[-1].id
    assert "5" in here.desk("confirm_figure", "2026-06-23T14:01", figure=new, value=5)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1.234", True])
def test_what_is_no_number_is_never_confirmed_as_a_figure(here: Installation, value: Any) -> None:
    rows = here.audit_rows()
    with pytest.raises(DeskError, match="Giá trị: phải là một số"):
        here.desk("confirm_figure", "2026-07-06T06:50", figure=_figures(here)[0].id, value=value)
    assert here.audit_rows() == rows


def _figures(here: Installation) -> list[Any]:
    with reading(here.office.engine) as session:
        return list(session.scalars(select(FigureRow).where(FigureRow.field.in_(FIELDS))))


def _spec(here: Installation, unit: str) -> Any:
    with reading(here.office.engine) as session:
        query = select(ObligationRow.id).where(ObligationRow.unit == unit, ObligationRow.round == "2026-dx1")
        return spec_for(session, here.office, session.scalars(query).one())


def test_everybody_means_those_whom_the_form_asks_something(here: Installation) -> None:
    told = here.desk("open_ad_hoc", "2026-07-06T06:50", units="*", form="kpi_plan", **ASKED)
    leads = {i.lead for i in here.office.plan.indicators if i.lead}
    assert told == f"Đã mở đợt 2026-dx1: {len(leads)} đơn vị" and 0 < len(leads) < 145


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"form": "kpi_plan", "units": "14329"}, "không hỏi gì 14329"),
        ({"form": "quarterly", "units": "SYT"}, "cần kỳ số liệu"),
        ({"form": "quarterly", "units": "SYT", "period_from": "2026-07-05", "period_to": "2026-06-15"}, "đảo ngược"),
        ({"form": "excel", "units": "SYT"}, "không thuộc các lựa chọn"),
        ({"units": "SYT, XYZ"}, "Không có đơn vị XYZ"),
        ({"units": "SYT", "round": "../x"}, "Mã đợt: Mã chỉ gồm chữ cái không dấu"),
        ({"units": "SYT", "reminders": "0"}, "Nhắc trước mấy ngày làm việc: Phải từ 1 trở lên"),
        ({"units": "SYT", "reminders": "1, 3"}, "^Reminders phải giảm dần"),
    ],
)
def test_a_mistake_is_a_sentence_and_opens_nothing(here: Installation, wrong: dict[str, Any], words: str) -> None:
    rows = here.audit_rows()
    with pytest.raises(DeskError, match=words):
        here.desk("open_ad_hoc", "2026-07-06T06:50", **ASKED | wrong)
    assert here.audit_rows() == rows


@pytest.mark.parametrize(
    ("now", "until", "hour", "first"),
    [
        ("2026-07-10T17:00", "2026-07-12", "23:59", "07 giờ 00 phút ngày 13/7/2026"),  # Friday evening, for Sunday
        ("2026-07-11T09:00", "2026-07-13", "07:00", "07 giờ 00 phút ngày 13/7/2026"),
        ("2026-07-10T06:00", "2026-07-10", "06:30", "07 giờ 00 phút ngày 10/7/2026"),
    ],
)
def test_a_limit_before_any_letter_could_leave_is_refused(
    here: Installation, now: str, until: str, hour: str, first: str
) -> None:
    asked = ASKED | {"units": "SYT", "until": until, "until_time": hour}
    with pytest.raises(DeskError, match=f"sớm nhất lúc {first}, khi đã hết hạn"):
        here.desk("open_ad_hoc", now, **asked)
    later = asked | {"until_time": "17:01"} if hour != "23:59" else asked | {"until": "2026-07-13"}
    assert here.desk("open_ad_hoc", now, **later) == "Đã mở đợt 2026-dx1: 1 đơn vị"


def test_a_limit_today_at_an_hour_is_kept_to_the_hour(here: Installation) -> None:
    here.desk("open_ad_hoc", "2026-07-06T06:50", **ASKED | {"units": "SYT, SNV", "until": "2026-07-06",
              "until_time": "15:00"})  # fmt: skip
    here.day("2026-07-06T07:10")
    states = [
        {x.unit: x.state.value for x in here.summary("2026-dx1", f"2026-07-06T{hour}").lines}["SYT"]
        for hour in ("14:59", "15:00")
    ]
    assert states == ["due_today", "overdue"]
    here.day("2026-07-06T16:00")  # late, but told today already, and day 1 is tomorrow
    assert [n.kind for n in here.notices(unit="SYT", round="2026-dx1")] == ["invitation"]
    here.day("2026-07-07T07:10")
    assert [n.kind for n in here.notices(unit="SYT", round="2026-dx1")] == ["invitation", "overdue"]
