"""What an e-mail address looks like, wherever a person may write one."""

from __future__ import annotations

import re

EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
BAD_EMAIL = "Địa chỉ thư điện tử không hợp lệ (dạng ten@mien.vn, không dấu, không cách, chỉ một địa chỉ)."
