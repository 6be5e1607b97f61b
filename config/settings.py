"""Settings of one installation: environment variables, an optional .env, secret files.

Every name is ``DONDOC_…``; groups use two underscores (``DONDOC_MAIL__MODE``). Secrets may
instead be files of that name (lower case) in the folder ``DONDOC_SECRETS_DIR``.
The defaults are the safe ones: mail on hold, every server on 127.0.0.1.
"""

from __future__ import annotations

import os
import re
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError as SourceError

from .settings_types import Address, Domain, OneLine, WebAddress, is_database
from .settings_words import explain, unreadable

PLANS = Path(__file__).parent / "plans"


class SettingsError(ValueError):
    """A setting is wrong; the message names it and says what to do (Vietnamese)."""


Port = Annotated[int, Field(ge=1, le=65535)]


class MailMode(StrEnum):
    HOLD = "hold"  # written as .eml under outbox/, nothing is sent
    REDIRECT = "redirect"  # everything goes to one test address
    LIVE = "live"  # to the units; needs an allow-list of domains
    REHEARSE = "rehearse"  # rehearsal databases only, and only to our own catcher on this machine


class Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_ADDRESS = re.compile(r"[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class Mail(Group):
    """How notices leave."""

    mode: MailMode = MailMode.HOLD
    host: str = "127.0.0.1"
    port: Port = 25
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    username: str = ""
    password: SecretStr = SecretStr("")
    password_changed: date | None = None  # doctor warns after six months
    sender: Address = "dondoc@ninhbinh.example"
    sender_name: OneLine = "Sở Khoa học và Công nghệ tỉnh Ninh Bình (Cơ quan thường trực Ban Chỉ đạo)"
    reply_to: Address = ""  # empty: the sender
    plus_addressing: bool = False  # on only after doctor mailed itself one (ruling 10)
    allow_domains: tuple[Domain, ...] = ()
    redirect_to: Address = ""
    connections: int = Field(default=1, ge=1, le=64)  # more: up to so many repeats a kill (decision 22)
    timeout_seconds: float = Field(default=60, gt=0)
    cap_per_10_minutes: int = Field(default=200, ge=1)  # the service locks a box over 250
    cap_per_run: int | None = Field(default=None, ge=1)  # default: 4 x units
    answer_reserve: int = Field(default=40, ge=0)  # part of the 10-minute cap kept for answers
    answers_per_sender_hour: int = Field(default=12, ge=1)
    max_bytes: int = Field(default=30 * 1024 * 1024, ge=1)  # QĐ 162/2025 Điều 8
    lease_seconds: int = Field(default=300, ge=1)
    max_attempts: int = Field(default=8, ge=1)

    @model_validator(mode="after")
    def _safe(self) -> Mail:
        if self.security == "none" and self.host not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("security=none chỉ dùng được với máy chủ 127.0.0.1; hãy đặt starttls hoặc tls")
        if self.mode is MailMode.LIVE and not self.allow_domains:
            raise ValueError("mode=live cần DONDOC_MAIL__ALLOW_DOMAINS, ví dụ [\"ninhbinh.gov.vn\"]")
        if self.mode is MailMode.REDIRECT and not self.redirect_to:
            raise ValueError("mode=redirect cần DONDOC_MAIL__REDIRECT_TO")
        if self.mode is MailMode.REHEARSE and (self.security != "none" or self.username):
            raise ValueError("mode=rehearse chỉ nối tới hộp thư diễn tập: security=none, không đăng nhập")
        for name in ("sender", "reply_to", "redirect_to"):
            value = getattr(self, name)
            if (value or name == "sender") and not _ADDRESS.fullmatch(value):
                raise ValueError(f"{name} phải là một địa chỉ thư, không dấu, không tên kèm theo: {value!r}")
        if any(ord(c) < 32 or ord(c) == 127 for c in self.sender_name):
            raise ValueError("sender_name không được có ký tự xuống dòng hoặc điều khiển")
        if self.answer_reserve >= self.cap_per_10_minutes:
            raise ValueError("answer_reserve phải nhỏ hơn cap_per_10_minutes để thư nhắc còn chỗ")
        return self


class Imap(Group):
    """The office's mailbox; empty host: not configured."""

    host: str = ""
    port: Port = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    ca_file: Path | None = None
    username: str = ""
    password: SecretStr = SecretStr("")
    folder: str = "INBOX"
    also_folders: tuple[str, ...] = ()  # read as well: where the mail service puts what it takes for spam
    processed: str = "Đã xử lý"
    unrecognised: str = "Chưa nhận diện"
    received_by: str = ""  # host whose Received line counts beside INTERNALDATE (ruling 5)
    max_bytes: int = Field(default=60 * 1024 * 1024, ge=1)


class Share(Group):
    """A web share: a WebDAV folder or a JSON listing; empty url: not configured."""

    kind: Literal["webdav", "listing"] = "webdav"
    url: WebAddress = ""
    username: str = ""
    password: SecretStr = SecretStr("")
    ca_file: Path | None = None
    allow_private: bool = False
    timeout_seconds: float = Field(default=30, gt=0)
    max_bytes: int = Field(default=50 * 1024 * 1024, ge=1)


class Prefect(Group):
    """The embedded server that ``dondoc run`` starts."""

    host: str = "127.0.0.1"
    port: Port = 4200
    auth_string: SecretStr = SecretStr("")  # "user:password"; required off 127.0.0.1

    @field_validator("auth_string")
    @classmethod
    def _two_parts(cls, value: SecretStr) -> SecretStr:
        user, colon, password = value.get_secret_value().partition(":")
        if value.get_secret_value() and not (user and colon and password):
            raise ValueError("phải dạng tên:mật-khẩu, hai phần đều không trống")
        if not value.get_secret_value().isascii():  # Prefect's server fails on such a password
            raise ValueError("chỉ dùng chữ không dấu, chữ số, dấu câu: máy chủ Prefect không nhận chữ có dấu")
        return value


class Operator(Group):
    code: str
    name: str
    email: Address = ""


class Desk(Group):
    """Who may decide. Prefect has no users: *who* is a declared code (ruling 18)."""

    operators: tuple[Operator, ...] = (Operator(code="CV1", name="Chuyên viên theo dõi"),)
    second_approver: str = ""  # an operator code: escalations then need its one-time code


class Backup(Group):
    """Where backups go and how long they are kept."""

    folder: Path | None = None  # empty: backups/ in the data folder; better another disk
    keep_daily: int = Field(default=14, ge=1)
    keep_weekly: int = Field(default=8, ge=0)


class SecretFiles(NestedSecretsSettingsSource):
    """As the library reads them, but without the mark that Notepad begins a file with, and no empty one."""

    @classmethod
    def load_secrets(cls, path: Path) -> dict[str, str]:
        read = {name: text.lstrip("\ufeff").strip() for name, text in super().load_secrets(path).items()}
        return {name: text for name, text in read.items() if text}


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="DONDOC_",
        env_nested_delimiter="__",
        env_file=".env",
        env_ignore_empty=True,  # a name with nothing behind it is not set: no folder "", no number ""
        extra="ignore",
        frozen=True,
    )

    data: Path = Path("var")
    plan: Path = PLANS / "2026"
    database_url: SecretStr = SecretStr("")  # empty: SQLite in the data folder
    mail: Mail = Mail()
    mailbox: Path | None = None  # a Maildir that a mail server or the catcher fills; default: data/mailbox
    imap: Imap = Imap()
    share: Share = Share()
    prefect: Prefect = Prefect()
    desk: Desk = Desk()
    backup: Backup = Backup()
    bulletin_to: tuple[Address, ...] = ()  # more recipients of the daily bulletin
    report_to: tuple[Address, ...] = ()  # addressees of approved consolidated reports, beside the leaders
    audit_head_to: Address = ""  # where the audit's head is mailed daily
    clock_urls: tuple[WebAddress, ...] = ()  # web servers whose Date tells whether our clock is right
    retention_months: int = Field(default=24, ge=1)  # personal data of past plans; docs/privacy.md

    @field_validator("clock_urls")
    @classmethod
    def _web_pages(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        if any(not u.startswith(("https://", "http://")) for u in urls):
            raise ValueError("phải là danh sách địa chỉ trang web, ví dụ [\"https://ninhbinh.gov.vn\"]")
        return urls

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: SecretStr) -> SecretStr:
        """Told here, so that no later error shows an address with its password."""
        text = url.get_secret_value()
        if text and not is_database(text):
            raise ValueError(
                "phải dạng postgresql+psycopg://tài khoản:mật khẩu@máy/tên hoặc sqlite:///tệp; "
                "các dấu @ : / trong mật khẩu viết thành %40 %3A %2F"
            )
        return url

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """As usual, but a secret file may belong to a group: ``dondoc_imap__password``."""
        folder = os.environ.get("DONDOC_SECRETS_DIR") or None
        files = SecretFiles(file_secret_settings, secrets_dir=folder, secrets_dir_missing="error")
        return init_settings, env_settings, dotenv_settings, files

    @property
    def backups(self) -> Path:
        return self.backup.folder or self.data / "backups"

    @property
    def url(self) -> str:
        return self.database_url.get_secret_value() or f"sqlite:///{self.data / 'dondoc.db'}"


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment, or ``SettingsError`` with the names of the faulty ones."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        told = "\n".join(explain(e) for e in error.errors())
    except (SourceError, OSError, UnicodeDecodeError) as error:
        told = unreadable(error)
    raise SettingsError(told)  # outside: no traceback of it may show the value, as pydantic's would
