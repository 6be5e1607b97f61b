"""Settings come from the environment and from secret files; a wrong one is named."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from config.settings import Mail, MailMode, SettingsError, load_settings


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No .env of a developer, no variable of this shell."""
    import os

    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.startswith("DONDOC_")]:
        monkeypatch.delenv(name)


def test_mail_is_on_hold_unless_somebody_says_otherwise() -> None:
    assert load_settings().mail.mode is MailMode.HOLD


def test_a_password_may_stand_in_a_file_of_its_group(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "dondoc_imap__password").write_text("một bí mật\n", encoding="utf-8")
    monkeypatch.setenv("DONDOC_SECRETS_DIR", str(tmp_path / "secrets"))
    monkeypatch.setenv("DONDOC_IMAP__HOST", "imap.example")
    imap = load_settings().imap
    assert (imap.password.get_secret_value(), imap.host) == ("một bí mật", "imap.example")
    assert "bí mật" not in repr(imap)


def test_a_secret_file_from_notepad_is_its_secret_and_an_empty_one_is_not_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "dondoc_mail__password").write_bytes("\ufeffbí mật\r\n".encode())
    (tmp_path / "dondoc_imap__port").write_bytes(b"\r\n")
    monkeypatch.setenv("DONDOC_SECRETS_DIR", str(tmp_path))
    found = load_settings()
    assert (found.mail.password.get_secret_value(), found.imap.port) == ("bí mật", 993)


def test_the_traceback_of_a_misnamed_secret_file_does_not_show_the_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "dondoc_mail__password.txt").write_text("mot-bi-mat", encoding="utf-8")
    monkeypatch.setenv("DONDOC_SECRETS_DIR", str(tmp_path))
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "mot-bi-mat" not in "".join(traceback.format_exception(refused.value))


def test_the_environment_wins_over_a_secret_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "dondoc_mail__password").write_text("file", encoding="utf-8")
    monkeypatch.setenv("DONDOC_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("DONDOC_MAIL__PASSWORD", "environment")
    assert load_settings().mail.password.get_secret_value() == "environment"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DONDOC_MAIL__MODE", "live", "DONDOC_MAIL__ALLOW_DOMAINS"),
        ("DONDOC_MAIL__MODE", "redirect", "DONDOC_MAIL__REDIRECT_TO"),
        ("DONDOC_MAIL__MODE", "send", "DONDOC_MAIL__MODE"),
        ("DONDOC_MAIL__HOTS", "smtp.example", "DONDOC_MAIL__HOTS"),
        ("DONDOC_MAIL__CONNECTIONS", "0", "DONDOC_MAIL__CONNECTIONS"),
        ("DONDOC_MAIL__ANSWER_RESERVE", "500", "answer_reserve"),
        ("DONDOC_BULLETIN_TO", "khong phai json", "DONDOC_BULLETIN_TO.*JSON"),
        ("DONDOC_SECRETS_DIR", "/khong/co", "DONDOC_SECRETS_DIR"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DONDOC_MAIL__PORT", "abc", "phải là số nguyên"),
        ("DONDOC_PREFECT__PORT", "99999", "phải từ 65535 trở xuống"),
        ("DONDOC_BACKUP__KEEP_DAILY", "0", "phải từ 1 trở lên"),
        ("DONDOC_MAIL__TIMEOUT_SECONDS", "0", "phải lớn hơn 0"),
        ("DONDOC_MAIL__SECURITY", "ssl", "chỉ nhận một trong: starttls, tls, none"),
        ("DONDOC_MAIL__PLUS_ADDRESSING", "có", "true .* false"),
        ("DONDOC_MAIL__PASSWORD_CHANGED", "15/8/2026", "NĂM-THÁNG-NGÀY"),
        ("DONDOC_MAIL__SENDER", "khong phai dia chi", "không hợp lệ"),
        ("DONDOC_AUDIT_HEAD_TO", "lưutrữ@ninhbinh.gov.vn", "không hợp lệ"),
        ("DONDOC_MAIL__SENDER_NAME", "Sở\r\nBcc: x@y.vn", "một dòng chữ"),
        ("DONDOC_DESK__OPERATORS", '[{"code": "CV1"}]', "thiếu mục bắt buộc"),
        ("DONDOC_MAIL", "[1]", "một nhóm"),
        ("DONDOC_MAIL__CAP_PER_RUN", "0", "phải từ 1 trở lên"),
        ("DONDOC_MAIL__ALLOW_DOMAINS", '["*.ninhbinh.gov.vn"]', "tên miền"),
        ("DONDOC_MAIL__ALLOW_DOMAINS", '["ninhbinh.gov.vn "]', "tên miền"),
        ("DONDOC_MAIL__ALLOW_DOMAINS", '["ninhbình.gov.vn"]', "tên miền"),
        ("DONDOC_MAIL__ALLOW_DOMAINS", '["vn"]', "tên miền"),
        ("DONDOC_MAIL__ALLOW_DOMAINS", '[""]', "tên miền"),
        ("DONDOC_MAIL__MAX_BYTES", "-1", "phải từ 1 trở lên"),
        ("DONDOC_SHARE__TIMEOUT_SECONDS", "0", "phải lớn hơn 0"),
        ("DONDOC_SHARE__URL", "https://[::1/bao-cao", "tên máy chủ và cổng"),
        ("DONDOC_SHARE__URL", "https://may.example:cong/", "tên máy chủ và cổng"),
        ("DONDOC_SHARE__URL", "https://may..example/", "tên máy chủ và cổng"),
        ("DONDOC_CLOCK_URLS", '["https://may.example:99999"]', "tên máy chủ và cổng"),
        ("DONDOC_DATABASE_URL", "postgresql+psycopg://dondoc:mat@khau:bi/mat@may/dondoc", "%40"),
        ("DONDOC_DATABASE_URL", "postgresql+psycopg://dondoc:mat-khau@may:cong/dondoc", "phải dạng"),
        ("DONDOC_DATABASE_URL", "sqlite:///:memory:", "phải dạng"),
        ("DONDOC_PREFECT__AUTH_STRING", "khong-co-hai-cham", "tên:mật-khẩu"),
        ("DONDOC_PREFECT__AUTH_STRING", "dieuhanh:mật-khẩu", "không dấu"),
    ],
)
def test_what_is_wrong_is_said_in_vietnamese_without_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words) as refused:
        load_settings()
    assert refused.value.__context__ is None, "a worker logs the whole chain, with pydantic's input_value"
    assert not any(english in str(refused.value) for english in ("Input", "Value error", "Extra"))
    assert len(value) < 4 or value not in str(refused.value), "it may be a secret"


@pytest.mark.parametrize("file", [".env", "secrets/dondoc_mail__password"])
def test_a_file_that_is_no_utf_8_is_told_not_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str
) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / file).write_bytes("DONDOC_MAIL__SENDER_NAME=Sở".encode("cp1258", "replace") + b"\xf4\xff")
    monkeypatch.setenv("DONDOC_SECRETS_DIR", str(tmp_path / "secrets"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings()


@pytest.mark.parametrize(
    "name",
    [
        "DONDOC_DATA",
        "DONDOC_PLAN",
        "DONDOC_MAILBOX",
        "DONDOC_BACKUP__FOLDER",
        "DONDOC_MAIL__CA_FILE",
        "DONDOC_MAIL__CAP_PER_RUN",
        "DONDOC_MAIL__PASSWORD_CHANGED",
        "DONDOC_MAIL__MODE",
        "DONDOC_MAIL__ALLOW_DOMAINS",
        "DONDOC_BULLETIN_TO",
    ],
)
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_a_name_with_nothing_behind_it_is_not_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, where: str
) -> None:
    """Above all no folder "", which is wherever the program was started."""
    unset = load_settings()
    if where == ".env":
        (tmp_path / ".env").write_text(f"{name}=\r\n", encoding="utf-8")
    else:
        monkeypatch.setenv(name, "")
    assert load_settings() == unset


def test_mail_without_encryption_stays_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_MAIL__SECURITY", "none")
    assert load_settings().mail.security == "none"
    monkeypatch.setenv("DONDOC_MAIL__HOST", "smtp.example")
    with pytest.raises(SettingsError, match="security=none"):
        load_settings()


def test_by_default_one_mail_is_under_way_so_that_a_kill_repeats_at_most_one() -> None:
    assert Mail().connections == 1
