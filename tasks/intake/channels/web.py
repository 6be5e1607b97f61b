"""Asking the share's web server: one host, bounded in size and time, nothing believed.

No redirect off the configured host, no private address unless configured, no proxy and no ``.netrc``.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from config.settings import Share

from . import ChannelError, NotGiven
from .patience import TooSlow, within

MAX_REDIRECTS = 3
PATIENCE = 10  # times the timeout: the longest until an answer begins, with what is tried again
CHUNK = 64 * 1024
SLOWEST = 8 * 1024  # bytes a second: below it an answer is given up after the first ``timeout_seconds``
GIVEN = (200, 207)
UNCHANGED = 304


@dataclass(frozen=True)
class Answer:
    """``cut``: the body was longer than the limit, and only its beginning is here."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes
    cut: bool = False


class Web:
    """A conversation with the configured host; a context manager."""

    def __init__(self, settings: Share, base: str) -> None:
        self.settings = settings
        self.host = urlsplit(base)
        self._session = _session(settings, self.host.scheme)

    def __enter__(self) -> Web:
        self._allowed()
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def ask(self, method: str, url: str, limit: int, **options: Any) -> Answer:
        """The answer of ``url`` with at most ``limit`` bytes of its body."""
        for _ in range(MAX_REDIRECTS + 1):
            self.same_host(url)
            try:
                begun = partial(self._begun, method, url, options)
                with within(PATIENCE * self.settings.timeout_seconds, begun) as answer:
                    if answer.is_redirect:
                        url = urljoin(url, answer.headers.get("Location", ""))
                        continue
                    return self._taken(answer, limit)
            except TooSlow:
                raise ChannelError("thư mục web trả lời quá chậm") from None
            except (requests.RequestException, HTTPError, OSError) as error:
                raise ChannelError(f"không đọc được thư mục web ({type(error).__name__})") from None
            except ValueError:  # of requests itself, where a redirect leads to "https://[x"
                raise NotGiven("thư mục web dẫn tới một địa chỉ không hợp lệ") from None
        raise ChannelError("thư mục web chuyển hướng quá nhiều lần")

    def _begun(self, method: str, url: str, options: dict[str, Any]) -> requests.Response:
        """The answer with its headers; its body has not been read."""
        wait = self.settings.timeout_seconds
        return self._session.request(
            method, url, timeout=wait, allow_redirects=False, stream=True, **options
        )

    def same_host(self, url: str) -> None:
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) != (self.host.scheme, self.host.netloc):
            raise ChannelError("thư mục web dẫn sang máy chủ khác với DONDOC_SHARE__URL")

    def _taken(self, answer: requests.Response, limit: int) -> Answer:
        if answer.status_code == UNCHANGED:
            return Answer(UNCHANGED, answer.headers, b"")
        if answer.status_code not in GIVEN:
            raise NotGiven(f"thư mục web trả lời mã {answer.status_code}")
        data, start = bytearray(), time.monotonic()
        while chunk := answer.raw.read1(CHUNK, decode_content=True):
            data += chunk
            if len(data) > limit:
                return Answer(answer.status_code, answer.headers, bytes(data[:limit]), cut=True)
            if time.monotonic() - start > self.settings.timeout_seconds + len(data) / SLOWEST:
                raise ChannelError("thư mục web trả lời quá chậm")
        return Answer(answer.status_code, answer.headers, bytes(data))

    def _allowed(self) -> None:
        """``ChannelError`` for a scheme or an address that the settings do not allow."""
        if self.host.scheme != "https" and not self.settings.allow_private:
            raise ChannelError("DONDOC_SHARE__URL phải bắt đầu bằng https://")
        if self.settings.allow_private:
            return
        try:
            found = socket.getaddrinfo(
                self.host.hostname or "", self.host.port or 443, type=socket.SOCK_STREAM
            )
        except OSError as error:
            raise ChannelError(f"không tìm thấy máy chủ của thư mục web ({type(error).__name__})") from None
        if not all(ipaddress.ip_address(str(a[4][0]).partition("%")[0]).is_global for a in found):
            raise ChannelError(
                "thư mục web nằm trên địa chỉ nội bộ; nếu đúng ý, đặt DONDOC_SHARE__ALLOW_PRIVATE=true"
            )


def _session(settings: Share, scheme: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy, no .netrc: only what the settings say
    retry = Retry(
        total=3, backoff_factor=0.3, status_forcelist=(502, 503, 504), allowed_methods=("GET", "PROPFIND")
    )
    session.mount(f"{scheme}://", HTTPAdapter(max_retries=retry))
    if settings.username:
        session.auth = (settings.username, settings.password.get_secret_value())
    if settings.ca_file:
        session.verify = str(settings.ca_file)
    return session
