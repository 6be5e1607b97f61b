"""What holds for every letter, whatever it says."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

import pytest

from tasks.post.render import KINDS, SUBJECT_LENGTH, TEMPLATES, TOKENLESS, render
from tests.unit.emails.reading import Letter
from tests.unit.emails.samples import LETTERS, TAG, hostile, sample

PLAIN = [name for name in LETTERS if "hostile" not in name]
FORCE = re.compile(r"yêu cầu|phê bình|chấn chỉnh|kiểm điểm|nghiêm túc", re.IGNORECASE)
COMMON = [
    "mail_prefix",
    "sender_name",
    "plan_title",
    "plan_number",
    "support",
    "as_of",
    "addressee",
    "tag",
    "reply_to",
]


def rendered(name: str) -> Any:
    kind, context = LETTERS[name]
    return render(kind, context)


def test_every_kind_has_its_four_files_and_no_folder_is_unknown() -> None:
    folders = {
        path.name: {file.name for file in path.iterdir()} for path in TEMPLATES.iterdir() if path.is_dir()
    }
    assert folders == {kind: {"subject.txt", "body.txt", "body.html", "sample.json"} for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_holds_what_all_letters_share(kind: str) -> None:
    assert set(COMMON) <= set(sample(kind))


@pytest.mark.parametrize("name", PLAIN)
def test_an_automatic_letter_asks_and_never_demands_or_blames(name: str) -> None:
    letter = rendered(name)
    for part in (letter.subject, letter.text, Letter(letter.html).words):
        assert not FORCE.search(part)


@pytest.mark.parametrize("name", LETTERS)
def test_a_subject_is_one_line_that_starts_with_the_office_and_ends_with_the_tag(
    name: str,
) -> None:
    kind, context = LETTERS[name]
    subject = render(kind, context).subject
    assert subject.startswith(context["mail_prefix"] + " ")
    assert len(subject) <= SUBJECT_LENGTH and subject.isprintable()
    assert subject.endswith(context["tag"])
    assert subject == unicodedata.normalize("NFC", subject)


@pytest.mark.parametrize("name", LETTERS)
def test_plain_text_fits_78_columns_and_holds_no_control_character(name: str) -> None:
    text = rendered(name).text
    assert max(map(len, text.splitlines())) <= 78
    assert text.replace("\n", "").isprintable()
    assert text == unicodedata.normalize("NFC", text)
    assert "\n\n\n" not in text and text.endswith("\n") and not text.endswith("\n\n")


@pytest.mark.parametrize("name", PLAIN)
def test_sentences_are_set_apart_and_no_blank_stands_before_a_stop(name: str) -> None:
    for part in (rendered(name).text, Letter(rendered(name).html).words):
        assert not re.search(r"[a-zà-ỹ][.;:!?,][A-ZÀ-ỸĐ]", part)
        assert not re.search(r"\S [.,;:](\s|$)|\( | \)|None|Undefined|\{[{%]", part)


def leaves(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(leaves, value.values()))
    if isinstance(value, list):
        return set().union(*map(leaves, value))
    return {" ".join(value.split()).casefold()} if isinstance(value, str) and value.strip() else set()


def numbers(text: str) -> set[str]:
    return {word.strip(".,;:()–“”") for word in text.split() if any(c.isdigit() for c in word)}


@pytest.mark.parametrize("name", PLAIN)
def test_text_and_html_carry_the_same_facts(name: str) -> None:
    kind, context = LETTERS[name]
    letter = render(kind, context)
    heading = letter.subject.removeprefix(context["mail_prefix"]).removesuffix(context["tag"])
    plain, html = " ".join([heading, *letter.text.split()]), Letter(letter.html).words
    facts = leaves(context)
    assert {f for f in facts if f in plain.casefold()} == {f for f in facts if f in html.casefold()}
    assert numbers(plain) == numbers(html)


@pytest.mark.parametrize("name", LETTERS)
def test_html_is_well_formed_and_refers_to_nothing_but_mail_addresses(
    name: str,
) -> None:
    html = rendered(name).html
    letter = Letter(html)
    assert letter.faults == []
    assert all(reference.startswith("mailto:") for reference in letter.references())
    assert {tag for tag, _ in letter.tags}.isdisjoint(
        {"script", "img", "link", "form", "iframe", "object", "style"}
    )
    assert not re.search(r"url\(|@import", " ".join(attrs.get("style", "") for _, attrs in letter.tags))


@pytest.mark.parametrize("name", LETTERS)
def test_html_is_styled_inline_for_readers_that_drop_style_sheets(name: str) -> None:
    styled = [
        attrs.get("style", "") for tag, attrs in Letter(rendered(name).html).tags if tag in ("p", "h1", "td")
    ]
    assert styled and all("font-family" in style for style in styled)


@pytest.mark.parametrize("kind", sorted(TOKENLESS))
def test_letters_to_leaders_and_the_department_carry_no_token(kind: str) -> None:
    letter = render(kind, with_token(sample(kind)))
    assert "DD-7K2M" not in letter.subject + letter.text + letter.html


def test_a_correction_to_a_leader_quotes_the_wrong_subject_without_its_token() -> None:
    letter = render("correction", {**sample("correction"), "tag": ""})
    assert "DD-7K2M" not in letter.subject + letter.text + letter.html


def with_token(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            **{k: with_token(v) for k, v in value.items()},
            "tag": TAG,
            "item_code": TAG[1:-1],
        }
    return [with_token(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", PLAIN)
def test_what_a_unit_typed_adds_no_tag_and_no_attribute(name: str) -> None:
    kind, context = LETTERS[name]
    assert Letter(render(kind, hostile(context)).html).shape() <= Letter(
        render(kind, context).html
    ).shape() | {("br", frozenset())}


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_unit_typed_is_shown_and_not_evaluated(kind: str) -> None:
    letter = render(kind, hostile(sample(kind)))
    words = Letter(letter.html).words
    assert "<script>alert(1)</script>" in words and "{{ 7*7 }} {% raw %}" in words
    assert "<script>alert(1)</script>" in " ".join(letter.text.split())
    assert not any(line.startswith("Bcc:") for line in letter.subject.splitlines()[1:])


def test_a_sample_is_what_its_file_says_in_order_and_readable() -> None:
    for kind in KINDS:
        raw = (TEMPLATES / kind / "sample.json").read_text("utf-8")
        assert raw == json.dumps(json.loads(raw), ensure_ascii=False, indent=2) + "\n"
