"""What an e-mail address, a domain, a web address look like, wherever a person may write one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
EMAIL = re.compile(rf"[A-Za-z0-9._%+'-]+@{DOMAIN.pattern}")
BAD_EMAIL = "Địa chỉ thư điện tử không hợp lệ (dạng ten@mien.vn, không dấu, không cách, chỉ một địa chỉ)."


def names_a_server(url: str) -> bool:
    """Can a connection be tried at all? The libraries would raise in mid-pass for any other."""
    try:
        parts = urlsplit(url)
        (parts.hostname or "").encode("idna")
        return parts.port != 0
    except ValueError:  # brackets left open, a port out of range, an empty label
        return False
