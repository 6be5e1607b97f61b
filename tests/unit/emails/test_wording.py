"""Turns of phrase: how single letters read, and the small words they are made of."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tasks.post import wording
from tasks.post.render import SUBJECT_LENGTH, RenderError, render
from tests.unit.emails.samples import LETTERS, OTHER_TAG, TAG, item, kpi, sample


def text_of(name: str) -> str:
    kind, context = LETTERS[name]
    return " ".join(render(kind, context).text.split())


def reminder(**changes: object) -> str:
    return " ".join(render("reminder", {**sample("reminder"), "items": [item(**changes)]}).text.split())


def test_the_last_good_day_is_named_as_such() -> None:
    assert "còn 01 ngày làm việc (ngày 24/9/2026 là ngày cuối cùng còn đúng hạn)" in text_of(
        "reminder-last-day"
    )
    assert "ngày cuối cùng" not in text_of("reminder")


def test_a_reminder_after_a_failed_channel_says_to_ignore_it_if_sent() -> None:
    assert "Nếu đã gửi, đề nghị bỏ qua thư này." in text_of("reminder-last-day")
    assert "bỏ qua" not in text_of("reminder")


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("missing", "chưa nhận được báo cáo của Quý cơ quan"),
        ("returned", "Báo cáo Quý cơ quan đã gửi được trả lại để bổ sung"),
        ("incomplete", "báo cáo Quý cơ quan đã gửi còn chưa đầy đủ"),
    ],
)
def test_a_reminder_says_what_became_of_what_was_sent(state: str, says: str) -> None:
    assert says in reminder(state=state)


def test_a_unit_that_sent_something_is_never_told_that_nothing_came() -> None:
    for name in ("reminder-digest", "reminder-extended", "overdue-digest"):
        first = LETTERS[name][1]["items"][0]
        kind, context = LETTERS[name]
        text = render(kind, {**context, "items": [first]}).text
        assert "chưa nhận được báo cáo" not in " ".join(text.split())


def test_only_the_missing_part_is_asked_for() -> None:
    assert "chưa nhận được tệp .pdf đã ký số của Quý cơ quan" in reminder(missing="tệp .pdf đã ký số")


def test_a_plan_is_not_called_a_report() -> None:
    text = text_of("reminder-kpi")
    assert "chưa nhận được kế hoạch của Quý cơ quan" in text
    assert "nhận được báo cáo" not in text


def test_a_digest_lists_each_round_with_its_own_tag_and_has_none_in_its_subject() -> None:
    for name in (
        "invitation-digest",
        "reminder-digest",
        "overdue-digest",
        "head-digest",
    ):
        kind, context = LETTERS[name]
        letter = render(kind, context)
        assert TAG in letter.text and OTHER_TAG in letter.text
        assert "DD-" not in letter.subject
        assert "một thư riêng" in " ".join(letter.text.split())


def test_a_report_that_is_not_late_yet_is_never_called_late() -> None:
    kind, context = LETTERS["overdue-mixed"]
    assert "QUÁ HẠN – 01 báo cáo chưa hoàn thành" in render(kind, context).subject
    assert "01 báo cáo quá hạn chưa hoàn thành và 01 báo cáo sắp đến hạn gửi" in text_of("overdue-mixed")
    assert "06 QUÝ III NĂM 2026 – CÒN 03 NGÀY LÀM VIỆC" in text_of("overdue-mixed")


def test_a_letter_whose_late_items_have_come_meanwhile_is_a_reminder() -> None:
    kind, context = LETTERS["overdue-become-reminder"]
    letter = render(kind, context)
    assert "quá hạn" not in (letter.subject + letter.text + letter.html).casefold()
    assert letter.subject == render("reminder", {**context, "channel_note": False}).subject


def test_a_limit_with_an_hour_names_no_last_day() -> None:
    text = text_of("invitation-at-an-hour")
    assert "trước 17 giờ 00 ngày 24/9/2026" in text
    assert "hết ngày" not in text and "trước ngày 17" not in text


def test_forms_that_go_with_a_reminder_are_named_in_it() -> None:
    with_form = {**sample("reminder"), "attachments": ["BieuMau_2026-q3_HoaLu.xlsx"]}
    assert "BieuMau_2026-q3_HoaLu.xlsx" in render("reminder", with_form).text
    assert "Biểu mẫu kèm theo" not in text_of("reminder")


def test_what_is_left_of_a_digest_asks_to_write_the_code_that_its_subject_lacks() -> None:
    kind, context = LETTERS["reminder-digest"]
    text = " ".join(render(kind, {**context, "items": context["items"][:1]}).text.split())
    assert "đề nghị ghi mã nhận dạng trong tiêu đề thư" in text and TAG in text
    assert "đề nghị giữ nguyên mã nhận dạng trong tiêu đề thư" in text_of("reminder")


def test_an_extended_limit_is_said_to_be_extended() -> None:
    assert "trước ngày 01/10/2026 (chậm nhất hết ngày 30/9/2026), đã được gia hạn" in text_of(
        "reminder-extended"
    )


def test_a_joined_letter_holds_receipt_and_verdict() -> None:
    text = text_of("accepted-with-receipt")
    assert "TN-2026-0317" in text and "đã tiếp nhận" in text and "Về thời hạn: quá hạn 2 ngày" in text
    assert "không phải gửi lại" in text


def test_lines_of_the_plan_are_not_quoted_to_units() -> None:
    assert all("(dòng" not in render(kind, context).text for kind, context in LETTERS.values())


def test_a_refused_extension_repeats_the_limit() -> None:
    assert "không đồng ý lùi thời hạn" in text_of("extension-refused")
    assert "thời hạn vẫn là trước ngày 25/9/2026" in text_of("extension-refused")


def test_a_subject_that_is_too_long_loses_words_but_never_its_tag() -> None:
    long = "báo cáo chuyên đề rất dài về chuyển đổi số và Đề án 06 của các cơ quan, đơn vị, địa phương"
    context = {**sample("returned"), "item": item(round_short=long)}
    subject = render("returned", context).subject
    assert len(subject) <= SUBJECT_LENGTH and subject.endswith("… " + TAG)


def test_a_context_that_lacks_a_value_is_refused_by_name() -> None:
    context = sample("overdue")
    del context["respond_by"]
    with pytest.raises(RenderError, match="'overdue'.*respond_by"):
        render("overdue", context)


def test_an_unknown_kind_or_state_is_refused() -> None:
    with pytest.raises(RenderError, match="no_such"):
        render("no_such", sample("trial"))
    with pytest.raises(RenderError, match="asleep"):
        render("reminder", {**sample("reminder"), "items": [item(state="asleep")]})


def test_a_province_of_letters_is_written_in_well_under_a_second() -> None:
    contexts = [
        {
            **sample("invitation"),
            "addressee": f"UBND xã số {n}",
            "items": [item(), kpi()],
        }
        for n in range(145)
    ]
    render("invitation", contexts[0])
    start = time.perf_counter()
    letters = [render("invitation", context) for context in contexts]
    assert time.perf_counter() - start < 1
    assert len({letter.html for letter in letters}) == 145


def test_letters_written_in_threads_are_those_written_one_by_one() -> None:
    jobs = list(LETTERS.values()) * 4
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda job: render(*job), jobs))
    assert together == [render(*job) for job in jobs]


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("a\r\nBcc: x@y.example", "a Bcc: x@y.example"),
        ("UBND\u00a0xã\tA", "UBND xã A"),
        ("Tê\u0323", "Tệ"),
        ("a\u202eb\u2066c\u200bd\x00e\ud800f", "abcdef"),
        ("x" * 2000, "x" * 999 + "…"),
    ],
)
def test_a_value_becomes_one_harmless_line(given: str, clean: str) -> None:
    assert wording.clean({"name": [given]}) == {"name": [clean]}


def test_a_paragraph_keeps_its_lines() -> None:
    assert wording.clean({"content": "1. Một\r\n\r\n2. Hai\u2028- ba"}) == {"content": "1. Một\n2. Hai\n- ba"}


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, "0%"), (145, 145, "100%"), (1, 8, "12,5%"), (2, 3, "66,7%")],
)
def test_a_percentage_has_a_decimal_comma(part: int, whole: int, shown: str) -> None:
    assert wording.percent(part, whole) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, ""),
        (3, "03 lần"),
        ("", ""),
        ("thư ngày 25/9/2026", "thư ngày 25/9/2026"),
        (["a", "b"], "a; b"),
    ],
)
def test_past_urgings_are_one_phrase(value: object, shown: str) -> None:
    assert wording.joined(value) == shown


def test_a_date_a_person_entered_counts_to_its_end() -> None:
    assert wording.through("30/6/2026") == "hết ngày 30/6/2026"
    assert wording.through("17 giờ 00 phút ngày 30/6/2026") == "17 giờ 00 phút ngày 30/6/2026"


def test_a_code_of_its_own_is_shown_beside_the_tag() -> None:
    assert wording.identity({"tag": TAG, "code": TAG[1:-1]}) == TAG
    assert wording.identity({"tag": TAG, "code": "HL-01"}) == f"{TAG} – HL-01"
    assert wording.identity({"tag": "", "code": "HL-01"}) == "HL-01"
