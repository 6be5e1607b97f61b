"""Before the first mail: TLS that is verified, one login that is tried once, and why it failed."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPResponse

from config.settings import Mail


def tls_context(mail: Mail) -> ssl.SSLContext | None:
    if mail.security == "none":
        return None
    context = ssl.create_default_context(cafile=str(mail.ca_file) if mail.ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def login(client: SMTP, username: str, password: str) -> None:
    """One method, one try: the library's own login goes on to the next method after a refusal."""
    methods: dict[str, Callable[[str, str], Awaitable[SMTPResponse]]] = {
        "plain": client.auth_plain,
        "login": client.auth_login,
        "cram-md5": client.auth_crammd5,
    }
    offered = [m for m in methods if m in client.server_auth_methods]
    if not offered:
        raise SMTPAuthenticationError(538, "máy chủ không có cách đăng nhập nào dùng được")
    await methods[offered[0]](username, password)


def reason_of(error: Exception) -> str:
    if isinstance(error, SMTPAuthenticationError):  # 454: its login service is away, nobody judged us
        return "auth" if error.code >= 500 else "unreachable"
    causes = (error, error.__cause__, error.__context__)
    if any(isinstance(c, ssl.SSLError) for c in causes) or "STARTTLS" in str(error):
        return "tls"
    return "unreachable"
