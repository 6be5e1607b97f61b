"""Everything the desk can do: one entry per form, the same for the Prefect UI, the command
line and tests (ruling 18)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tasks.office import Office, for_round

from . import approve, arrivals, forms, letters, mails, posting, rounds, taking, terms
from .common import DeskError, known_operator

Deed = Callable[[Office, Any, datetime], str]


@dataclass(frozen=True)
class Action:
    """A form, what it does, and its title in the UI."""

    form: type[forms.DeskForm]
    deed: Deed
    title: str
    changes_round: bool = True  # False: the choice of open rounds stays as it is


FORMS: dict[str, Action] = {
    "extend": Action(forms.Extend, terms.extend, "Gia hạn"),
    "exempt": Action(forms.Exempt, terms.exempt, "Miễn báo cáo"),
    "acknowledge": Action(forms.Acknowledge, terms.acknowledge, "Ghi nhận cam kết"),
    "record_by_hand": Action(forms.RecordByHand, arrivals.record_by_hand, "Ghi nhận thủ công"),
    "assign": Action(forms.Assign, arrivals.assign, "Gán tệp chưa nhận diện"),
    "set_aside": Action(forms.SetAside, arrivals.set_aside, "Đặt sang bên mục không liên quan"),
    "register_reading": Action(
        forms.RegisterReading, arrivals.register_reading, "Đã đối chiếu sổ văn bản đến"
    ),
    "confirm_figure": Action(forms.ConfirmFigure, arrivals.confirm_figure, "Xác nhận số liệu"),
    "accept_on_time": Action(forms.AcceptOnTime, terms.accept_on_time, "Chấp nhận đúng hạn có lý do"),
    "take_back": Action(forms.TakeBack, taking.take_back, "Rút lại quyết định"),
    "sending": Action(forms.Sending, mails.sending, "Tạm dừng, tiếp tục gửi thư"),
    "clock_checked": Action(forms.ClockChecked, mails.clock_checked, "Đã kiểm tra đồng hồ máy chủ"),
    "open_round": Action(forms.OpenRound, rounds.open_plan_round, "Mở đợt của kế hoạch"),
    "open_ad_hoc": Action(forms.OpenAdHoc, rounds.open_ad_hoc, "Mở đợt báo cáo đột xuất"),
    "correct": Action(forms.Correct, mails.correct, "Đính chính thông báo"),
    "trial": Action(forms.Trial, mails.trial, "Thử gửi cho tôi"),
    "approve_edition": Action(forms.ApproveEdition, arrivals.approve, "Duyệt báo cáo tổng hợp"),
    "draft_letters": Action(forms.DraftLetters, letters.draft_letters, "Lập dự thảo công văn"),
    "go_live": Action(forms.GoLive, posting.go_live, "Chuyển sang gửi thật"),
    "release_notice": Action(forms.ReleaseNotice, posting.release, "Xử lý thư chưa rõ kết quả"),
    "revive_address": Action(forms.ReviveAddress, posting.revive, "Dùng lại địa chỉ thư"),
    "decide": Action(approve.Decide, approve.decide_proposal, "Quyết định một đề xuất đôn đốc"),
}


def submit(office: Office, name: str, filled: Mapping[str, Any], now: datetime) -> str:
    """Fill in form ``name`` and do its deed; what was done, in a sentence.

    Raises ``DeskError`` with what is wrong; then nothing has changed.
    """
    action = FORMS.get(name)
    if action is None:
        raise DeskError(f"Không có biểu {name!r}; các biểu: {', '.join(FORMS)}")
    form = fill_in(action.form, filled)
    known_operator(office, form.by)
    round_code = getattr(form, "round", "")
    return action.deed(for_round(office, round_code) if round_code else office, form, now)


def fill_in(form: type[forms.DeskForm], filled: Mapping[str, Any]) -> forms.DeskForm:
    try:
        return form.model_validate(dict(filled))
    except ValidationError as error:
        raise DeskError("; ".join(_explain(form, e) for e in error.errors())) from error


WRONG = {
    "missing": "chưa điền",
    "string_too_short": "chưa điền",
    "too_short": "chưa điền",
    "extra_forbidden": "biểu này không có mục đó",
    "string_type": "phải là chữ",
    "int_parsing": "phải là số nguyên",
    "int_type": "phải là số nguyên",
    "int_from_float": "phải là số nguyên",
    "float_parsing": "phải là một số",
    "float_type": "phải là một số",
    "bool_parsing": "phải là có hoặc không",
    "string_unicode": "có ký tự không đọc được",
    "finite_number": "phải là một số",
    "greater_than_equal": "nhỏ hơn mức cho phép",
    "less_than_equal": "lớn hơn mức cho phép",
    "tuple_type": "phải là danh sách",
    "literal_error": "không thuộc các lựa chọn",
}


def _explain(form: type[forms.DeskForm], error: ErrorDetails) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    field = form.model_fields.get(name)
    title = field.title if field and field.title else name
    kind = error["type"]
    text = WRONG.get(kind)
    if text is None and kind.startswith(("date_", "datetime_", "time_", "date", "time")):
        text = f"{error['input']!r} không phải ngày giờ; ví dụ đúng: 2026-06-24 hoặc 2026-06-24T16:30"
    if kind == "literal_error":
        text = f"{error['input']!r} không thuộc các lựa chọn ({error['ctx']['expected']})"
    return f"{title}: {text or error['msg']}"
