"""Desk flows in a real server: a deed is recorded; a mistake says so and changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from config.plan import ZONE
from db.models import AuditRow, ExtensionRow, NoticeRow
from db.session import reading
from tests.prefect_house import ROUND, House

pytestmark = pytest.mark.xdist_group("prefect")


def audit_rows(house: House) -> int:
    with reading(house.office.engine) as session:
        return session.scalar(select(func.count()).select_from(AuditRow)) or 0


def of_round(house: House) -> str:
    """The drop-down's value for the quarterly round."""
    schema = house.deployment("Gia hạn/bàn làm việc")["parameter_openapi_schema"]
    return next(r for r in schema["properties"]["round"]["enum"] if r.startswith(ROUND))


def test_a_filled_form_is_recorded_with_who_and_why(house: House) -> None:
    until = datetime.now(UTC).astimezone(ZONE).date() + timedelta(days=5)
    run = house.do(
        "Gia hạn/bàn làm việc",
        round=of_round(house),
        units="STC, 14329",
        until=until.isoformat(),
        by="CV1",
        reason="Đơn vị đề nghị bằng văn bản số 12/STC",
    )
    assert run["state_type"] == "COMPLETED", run["state"]
    assert run["state"]["message"].startswith("Đã gia hạn 2 đơn vị")
    with reading(house.office.engine) as session:
        rows = session.scalars(select(ExtensionRow)).all()
    mine = [r for r in rows if r.reason == "Đơn vị đề nghị bằng văn bản số 12/STC"]
    assert [r.by for r in mine] == ["CV1", "CV1"]


def test_a_mistake_ends_the_run_with_a_sentence_and_changes_nothing(house: House) -> None:
    before = audit_rows(house)
    run = house.do(
        "Miễn báo cáo/bàn làm việc", round=of_round(house), units="KHONGCO", by="CV1", reason="Thử nhầm"
    )
    assert (run["state_type"], run["state_name"]) == ("FAILED", "Chưa thực hiện")
    assert run["state"]["message"] == f"Đợt {ROUND} không có đơn vị KHONGCO"
    assert audit_rows(house) == before
    logs = house.post("/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "limit": 200})
    assert not any("Traceback" in line["message"] for line in logs)


@pytest.mark.parametrize("file", ["/etc/hostname", "../dondoc.db"])
def test_the_page_reads_no_file_outside_the_desks_folder(house: House, file: str) -> None:
    run = house.do(
        "Ghi nhận thủ công/bàn làm việc",
        round=of_round(house),
        unit="SYT",
        document_number="12/SYT",
        document_date="2026-01-05",
        arrived="2026-01-05 08:00",
        file=file,
        by="CV1",
        reason="Đối chiếu sổ",
    )
    assert run["state_name"] == "Chưa thực hiện"
    assert f"Tệp '{file}' nằm ngoài thư mục" in run["state"]["message"]


def test_an_operators_mistake_alarms_nobody(house: House) -> None:
    with reading(house.office.engine) as session:
        alerts = session.scalars(select(NoticeRow).where(NoticeRow.kind == "alert")).all()
    assert [a for a in alerts if "Miễn" in a.context["title"]] == []


def test_a_choice_that_is_not_offered_is_refused_before_anything_runs(house: House) -> None:
    schema = house.deployment("Tạm dừng, tiếp tục gửi thư/bàn làm việc")["parameter_openapi_schema"]
    assert schema["properties"]["state"]["enum"] == ["on · tiếp tục", "off · tạm dừng"]
    with pytest.raises(Exception, match="409|422"):
        house.start("Tạm dừng, tiếp tục gửi thư/bàn làm việc", state="có lẽ", by="CV1", reason="x")
