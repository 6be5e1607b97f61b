"""Plus-addressing is on only after we have mailed ourselves one (ruling 10)."""

from __future__ import annotations

from collections.abc import Iterator

from config.settings import MailMode
from db.session import reading
from tasks.system.plus_test import passed

from . import Look, Result, fault, ok, warn
from .database import ready

SEND = "Chạy: dondoc doctor --plus-test, rồi dondoc collect, rồi dondoc doctor."


def plus_addressing(look: Look) -> Iterator[Result]:
    if look.engine is None or not ready(look):
        return
    with reading(look.engine) as session:
        arrived = passed(session)
    mail = look.settings.mail
    if not mail.plus_addressing:
        seen = "; đã tự thử được, có thể bật" if arrived else ""
        yield ok("mail.plus", f"địa chỉ cộng đang tắt, mã nằm trong tiêu đề và biểu mẫu{seen}")
    elif arrived:
        yield ok("mail.plus", "địa chỉ cộng đã tự thử được")
    else:
        worst = fault if mail.mode is MailMode.LIVE else warn
        found = "thư tự thử địa chỉ cộng chưa về" if arrived is False else "địa chỉ cộng bật mà chưa tự thử"
        yield worst("mail.plus", found, f"{SEND} Chưa được thì đặt DONDOC_MAIL__PLUS_ADDRESSING=false.")
