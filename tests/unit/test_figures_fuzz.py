"""Forms that no sample holds: generated, and judged by what must hold for every one."""

from __future__ import annotations

import math
import random
import string
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.forms.check_kpi import completion_date
from tasks.rules import digits
from tasks.rules.figures import Flag, read_number
from tasks.rules.number_words import parse_words

VALUELESS = {
    Flag.MET_NO_NUMBER, Flag.NOT_MET_NO_NUMBER, Flag.IN_PROGRESS, Flag.NOT_STARTED, Flag.NO_DATA,
    Flag.ZERO_OR_MISSING, Flag.BLANK, Flag.DATE_MANGLED, Flag.EXCEL_ERROR, Flag.FORMULA_NO_CACHE,
    Flag.LEGACY_ENCODING, Flag.NOT_APPLICABLE,
}  # fmt: skip
VALUED = {Flag.OK, Flag.DOT_DECIMAL, Flag.APPROX, Flag.RATIO, Flag.RANGE, Flag.GT, Flag.GTE, Flag.LT, Flag.LTE,
          Flag.OUT_OF_RANGE}  # fmt: skip
PIECES = [
    "70", "17,5", "1.234", "45/60", "%", " %", "đạt", "ước", "khoảng", ">", "≥", "~", "-", "–", "(", ")", "lũy kế",
    "quý", "KH", "triệu", "nghìn tỷ", "chưa", "không", "xã", "#DIV/0!", "=", "\n", "\u00a0", "\u200b", "O", "½", "14/6/2026",
    "…", ";", ",", ".", "Đạt", "15-May", "\u0323", "năm", "phần trăm", "0", "٣", "１",
]  # fmt: skip


def sane(raw: object, uom: str) -> None:
    number = read_number(raw, uom=uom)
    assert number.value is None or math.isfinite(number.value)
    assert number.flag in set(Flag)
    if number.flag in VALUELESS:
        assert number.value is None
    if number.flag in VALUED:
        assert number.value is not None
    if isinstance(raw, str):
        assert number.raw == raw
    if number.flag == Flag.OK and "%" in uom:
        assert number.value is not None and 0 <= number.value <= 100


@given(st.text(max_size=60), st.sampled_from(["%", "% dân số", "hồ sơ", "", "triệu đồng"]))
@settings(max_examples=400, deadline=None)
def test_any_text_reads_without_an_error_and_by_the_rules(raw: str, uom: str) -> None:
    sane(raw, uom)


@given(
    st.lists(st.sampled_from(PIECES), max_size=7), st.sampled_from(["", " "]), st.sampled_from(["%", "hồ sơ"])
)
@settings(max_examples=1500, deadline=None)
def test_any_mixture_of_a_clerk_s_words_reads_by_the_rules(pieces: list[str], glue: str, uom: str) -> None:
    sane(glue.join(pieces), uom)


@given(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([None, "0%", "General", "dd/mm", ";;;", "%"]),
)
@settings(max_examples=300, deadline=None)
def test_any_number_under_any_format_is_read(value: float, number_format: str | None) -> None:
    number = read_number(value, uom="%", number_format=number_format)
    assert number.value is None or math.isfinite(number.value) or abs(value) > 1e300


@given(st.integers(0, 10_000), st.sampled_from(["", "%", " %", " phần trăm", "\u00a0%"]),
       st.sampled_from(["", "đạt ", "Đạt tỷ lệ ", "kết quả: ", "lũy kế "]))  # fmt: skip
@settings(max_examples=400, deadline=None)
def test_a_vietnamese_percentage_reads_as_itself(hundredths: int, unit: str, before: str) -> None:
    value = hundredths / 100
    text = digits.vietnamese(value)
    number = read_number(before + text + unit, uom="%")
    assert number.value == value
    assert number.flag == (Flag.AMBIGUOUS if not unit and 0 < value <= 1 else Flag.OK)


@given(st.integers(0, 10**12), st.sampled_from([".", " ", "\u00a0", "\u202f"]))
@settings(max_examples=300, deadline=None)
def test_a_count_with_vietnamese_thousands_reads_as_itself(count: int, separator: str) -> None:
    number = read_number(f"{count:,}".replace(",", separator), uom="người")
    assert (number.value, number.flag) == (float(count), Flag.OK)


@given(st.integers(0, 500), st.integers(1, 500))
@settings(max_examples=300, deadline=None)
def test_a_fraction_is_computed_or_asked_for_but_never_guessed(top: int, bottom: int) -> None:
    number = read_number(f"{top}/{bottom}", uom="%")
    if number.flag == Flag.RATIO:
        assert number.value is not None and abs(number.value - 100 * top / bottom) < 1e-6
    else:
        assert number.value is None and top > bottom


def test_endless_text_takes_no_time() -> None:
    start = time.monotonic()
    for unit in ("ol", "1", "1.", "đạt ", "quý i ", "lũy kế ", "5/", "(", "1 000", "¹", "aù", "- ", "%"):
        for end in ("x", "%", ""):
            read_number(unit * (32_000 // len(unit)) + end, uom="%")
            read_number(unit * (390 // len(unit)) + end, uom="%")
            completion_date(unit * (32_000 // len(unit)) + end, 2026)
    assert time.monotonic() - start < 5


def words(n: int) -> str:
    """``n`` below 1,000 in Vietnamese, as schools teach it."""
    ones = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]
    hundreds, tens, unit = n // 100, n // 10 % 10, n % 10
    parts = [f"{ones[hundreds]} trăm"] if hundreds else []
    if tens:
        parts.append("mười" if tens == 1 else f"{ones[tens]} mươi")
    elif hundreds and unit:
        parts.append("linh")
    if unit or not parts:
        last = {1: "mốt" if tens > 1 else "một", 5: "lăm" if tens else "năm"}.get(unit, ones[unit])
        parts.append(last)
    return " ".join(parts)


def test_numbers_in_words_keep_their_value_and_stay_text() -> None:
    for n in range(1, 1000):
        assert parse_words(words(n)) == n
        number = read_number(words(n).capitalize(), uom="%")
        assert (number.value, number.flag) == (n, Flag.TEXT)


def test_one_changed_character_never_turns_an_answer_into_another_silently() -> None:
    """A mutated percentage may read as another number, but only if a person would read it so."""
    rng = random.Random(20260515)
    for _ in range(3000):
        text = f"{rng.randint(10, 99)},{rng.randint(1, 9)}%"
        position = rng.randrange(len(text))
        changed = text[:position] + rng.choice(string.ascii_letters + "!@#$^&*_") + text[position + 1 :]
        number = read_number(changed, uom="%")
        if number.flag == Flag.OK:
            shown = changed.strip("!@#$^&*_%").replace(",", ".")
            assert shown.startswith(digits.plain(number.value or 0.0)), (changed, number)
