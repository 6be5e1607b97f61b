"""Settings come from the environment and from secret files; a wrong one is named."""

from __future__ import annotations

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
        ("DONDOC_BULLETIN_TO", "khong phai json", "bulletin_to"),
        ("DONDOC_SECRETS_DIR", "/khong/co", "DONDOC_SECRETS_DIR"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words):
        load_settings()


def test_mail_without_encryption_stays_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_MAIL__SECURITY", "none")
    assert load_settings().mail.security == "none"
    monkeypatch.setenv("DONDOC_MAIL__HOST", "smtp.example")
    with pytest.raises(SettingsError, match="security=none"):
        load_settings()


def test_by_default_one_mail_is_under_way_so_that_a_kill_repeats_at_most_one() -> None:
    assert Mail().connections == 1
