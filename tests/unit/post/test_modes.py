from __future__ import annotations

import email
import re
from email.policy import default
from pathlib import Path

import pytest

from config.settings import Mail, SettingsError, load_settings
from tasks.post import modes
from tasks.post.catcher import folder_name
from tasks.post.contract import STOPS
from tasks.post.mime import build

from .test_mime import FILES, HTML, SUBJECT, TEXT, a_head

LIVE = Mail.model_validate({"mode": "live", "allow_domains": ["ninhbinh.gov.vn"]})
REDIRECT = Mail.model_validate({"mode": "redirect", "redirect_to": "thu@kiemthu.example"})


@pytest.mark.parametrize(
    ("recipient", "may"),
    [
        ("vanthu@ninhbinh.gov.vn", True),
        ("vanthu@soyte.ninhbinh.gov.vn", True),
        ("vanthu@SoYTe.NinhBinh.gov.vn", True),
        ("vanthu@ninhbinh.gov.vn.example", False),
        ("vanthu@xninhbinh.gov.vn", False),
        ("vanthu@gov.vn", False),
        ("a%ngoai.example@ninhbinh.gov.vn", False),
        ("ngoai.example!a@ninhbinh.gov.vn", False),
        ("a@ngoai.example,b@ninhbinh.gov.vn", False),
        ("<a@ngoai.example> b@ninhbinh.gov.vn", False),
        ("a@ngoai.example@ninhbinh.gov.vn", False),
        ("", False),
    ],
)
def test_live_mail_may_name_only_addresses_inside_the_allowed_domains(recipient: str, may: bool) -> None:
    assert modes.permitted(LIVE, recipient) is may


def test_redirected_mail_may_name_only_the_test_address_and_hold_names_nobody() -> None:
    assert modes.permitted(REDIRECT, "thu@kiemthu.example")
    assert not modes.permitted(REDIRECT, "vanthu@ninhbinh.gov.vn")
    assert not modes.permitted(Mail(), "vanthu@ninhbinh.gov.vn")


def test_a_redirected_mail_tells_whom_it_was_for_and_cannot_be_answered_to_all() -> None:
    data = build(a_head(), TEXT, HTML, FILES)
    sent = email.message_from_bytes(
        modes.redirected(data, "hoalu@ninhbinh.example", SUBJECT, "thu@kiemthu.example"), policy=default
    )
    assert sent["Subject"] == f"{SUBJECT} [gửi thử thay cho hoalu@ninhbinh.example]"
    assert sent["X-DonDoc-Original-To"] == "hoalu@ninhbinh.example"
    assert sent["To"] == "thu@kiemthu.example"
    assert sent["Message-ID"] == "<abc@ninhbinh.example>"
    assert len(sent.get_all("Subject", [])) == len(sent.get_all("To", [])) == 1
    assert (
        modes.redirected(data, "a@b.vn", "x", "c@d.vn").partition(b"\r\n\r\n")[2]
        == data.partition(b"\r\n\r\n")[2]
    )


@pytest.mark.parametrize(
    "mail",
    [
        {"mode": "live"},
        {"mode": "redirect"},
        {"security": "none", "host": "mail.example"},
        {"mode": "rehearse", "security": "none", "host": "mail.example"},
        {"mode": "rehearse", "security": "starttls"},
        {"mode": "rehearse", "security": "none", "username": "x"},
        {"sender": "Sở KH&CN <dondoc@ninhbinh.example>"},
        {"sender": ""},
        {"reply_to": "thư@ninhbinh.example"},
        {"mode": "redirect", "redirect_to": "a@b.vn, c@d.vn"},
        {"sender_name": "Sở\nBcc: x@y.vn"},
    ],
)
def test_settings_that_could_reach_somebody_by_mistake_are_refused(mail: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        load_settings(mail=mail, _env_file=None)


def test_every_reason_to_stop_has_its_vietnamese_words() -> None:
    folder = Path(modes.__file__).parent
    rooms = ("deliver", "booking", "claiming", "outcomes", "smtp", "handshake", "modes")
    code = "\n".join((folder / f"{n}.py").read_text() for n in rooms)
    used = set(re.findall(r'(?:CannotSend\(|\.stop\(|stop=|return |_put_back\()"([a-z0-9_]+)"', code))
    assert used - {"queued", "failed", "unknown", "sent"} == set(STOPS)


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("VanThu@NinhBinh.example", "vanthu@ninhbinh.example"),
        ("dondoc+7k3m@ninhbinh.example", "dondoc@ninhbinh.example"),
        ("../../etc/x@ninhbinh.example", "%2e.%2f..%2fetc%2fx@ninhbinh.example"),
        ("a/b\\c:d@x.example", "a%2fb%5cc%3ad@x.example"),
        (".", "%2e"),
        ("..", "%2e."),
        ("", "%"),
        ("xã@b.example", "x%e3@b.example"),
    ],
)
def test_a_maildir_is_one_safe_folder_under_the_root(address: str, folder: str) -> None:
    assert folder_name(address) == folder
    assert "/" not in folder
