"""Tokens survive what people, phones and mail programs do to them."""

from __future__ import annotations

import random

import pytest

from tasks.rules.tokens import find_tokens, new_token

TOKEN = "DD-7K2M-9XPA-4T3C"


@pytest.mark.parametrize(
    "text",
    [
        "[DD-7K2M-9XPA-4T3C] Báo cáo quý III",
        "re: dd-7k2m-9xpa-4t3c",
        "DD7K2M9XPA4T3C",
        "dondoc+dd7k2m9xpa4t3c@example.vn",
        "DD 7K2M 9XPA 4T3C",
        "DD-7K2M-\r\n 9XPA-4T3C",
        "> DD-7K2M-9X\n> PA-4T3C",
        "DD–7K2M—9XPA‑4T3C",
        "ＤＤ-7K2M-9XPA-4T3C",
        "DD-7K2M-9X\u200bPA-4T3C",
        "bao-cao_DD-7K2M-9XPA-4T3C.xlsx",
        "mã DD, DD-7K2M-9XPA-4T3C.",
    ],
)
def test_a_token_is_found_however_it_was_typed(text: str) -> None:
    assert TOKEN in find_tokens(text)


def test_letters_that_people_confuse_are_read_as_the_digits_they_stand_for() -> None:
    assert find_tokens("DD-7K2M-9XPO-4TIL") == ("DD-7K2M-9XP0-4T11",)


@pytest.mark.parametrize(
    "text", ["", "ADD-7K2M-9XPA-4T3C", "DD-7K2M-9XPA-4T3C5", "DD-7K2M-9XPA", "DD-7K2M-9XPA-4T3U"]
)
def test_what_is_no_token_is_not_found(text: str) -> None:
    assert TOKEN not in find_tokens(text)


def test_every_token_of_a_text_is_found_once_and_in_order() -> None:
    other = "DD-1111-2222-3333"
    assert find_tokens(f"{TOKEN}, {other}; {TOKEN}") == (TOKEN, other)


def test_new_tokens_find_themselves_and_do_not_repeat() -> None:
    source = random.Random(7)
    tokens = [new_token(source.randbytes(8)) for _ in range(2000)]
    assert len(set(tokens)) == len(tokens)
    assert all(find_tokens(t.lower().replace("-", "")) == (t,) for t in tokens)


def test_too_little_randomness_is_refused() -> None:
    with pytest.raises(ValueError, match="8 random bytes"):
        new_token(b"1234567")


def test_a_long_text_of_near_tokens_is_scanned_quickly() -> None:
    assert find_tokens("DD " * 50_000) is not None
