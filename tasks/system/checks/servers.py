"""Servers, asked with short timeouts and without sending anything: SMTP, IMAP, web share, Prefect."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from config.settings import MailMode

from . import Look, Result, fault, ok, warn

DEFAULT_HOST = "127.0.0.1"
LOGIN = {
    "auth": ("máy chủ thư từ chối đăng nhập", "Kiểm tra DONDOC_MAIL__USERNAME, DONDOC_MAIL__PASSWORD."),
    "tls": (
        "không mã hóa được kết nối tới máy chủ thư",
        "Kiểm tra DONDOC_MAIL__SECURITY, cổng, chứng thư (DONDOC_MAIL__CA_FILE).",
    ),
    "unreachable": (
        "không kết nối được máy chủ thư",
        "Kiểm tra DONDOC_MAIL__HOST, DONDOC_MAIL__PORT và tường lửa.",
    ),
    "not_catcher": ("máy chủ không phải hộp thư diễn tập", "mode=rehearse chỉ dùng với make demo."),
    "not_encrypted": ("kết nối không mã hóa tới máy khác", "Đặt DONDOC_MAIL__SECURITY=starttls hoặc tls."),
}


def mail_login(look: Look) -> Iterator[Result]:
    """Connect, encrypt, log in, leave. No sender, no recipient, no message."""
    from tasks.post.smtp import CannotSend, Pool

    mail = look.settings.mail
    if mail.mode is MailMode.HOLD and mail.host == DEFAULT_HOST:
        yield ok("mail.login", "thư đang giữ lại (hold), chưa khai báo máy chủ gửi")
        return
    short = mail.model_copy(update={"timeout_seconds": look.timeout})
    pool = Pool(short, lambda: look.now, lambda recipient: False)
    try:
        asyncio.run(_greet(pool))
    except CannotSend as error:
        found, mend = LOGIN.get(error.reason, LOGIN["unreachable"])
        worst = warn if mail.mode is MailMode.HOLD else fault
        yield worst("mail.login", f"{found} {mail.host}:{mail.port}", mend)
    else:
        how = "đã đăng nhập" if mail.username else "không đăng nhập"
        yield ok("mail.login", f"máy chủ thư {mail.host}:{mail.port} trả lời, {mail.security}, {how}")


async def _greet(pool: Any) -> None:
    try:
        await pool.open()
    finally:
        await pool.close()


def mailbox_login(look: Look) -> Iterator[Result]:
    from tasks.intake.channels import ChannelError
    from tasks.intake.channels.imap import ImapMailbox

    imap = look.settings.imap
    if not imap.host:
        yield ok("imap.login", "chưa khai báo hộp thư IMAP (DONDOC_IMAP__HOST)")
        return
    try:
        read, unread = ImapMailbox(imap, timeout=look.timeout).waiting()
    except ChannelError as error:
        mend = "Kiểm tra các thiết lập DONDOC_IMAP__…, mật khẩu, tường lửa."
        yield fault("imap.login", f"{imap.host}:{imap.port}: {error}", mend)
    else:
        counts = ", ".join(f"{folder} có {n} thư" for folder, n in read.items())
        yield ok("imap.login", f"vào được hộp thư {imap.host}, {counts}")
        for folder, n in unread.items():
            found = f"máy chủ để thư rác vào {folder}, đang có {n} thư, hệ thống không đọc"
            mend = (
                "Báo cáo có thể lạc vào đó: "
                f'đặt DONDOC_IMAP__ALSO_FOLDERS=["{folder}"] hoặc tự xem hằng ngày.'
            )
            yield warn("imap.spam", found, mend) if n else ok("imap.spam", found)


def web_share(look: Look) -> Iterator[Result]:
    """Ask for the list; no file is loaded."""
    from tasks.intake.channels import ChannelError
    from tasks.intake.channels.share import open_share

    share = look.settings.share
    if not share.url:
        yield ok("share.list", "chưa khai báo thư mục web (DONDOC_SHARE__URL)")
        return
    short = share.model_copy(update={"timeout_seconds": look.timeout})
    try:
        entries = open_share(short).waiting()
    except ChannelError as error:
        yield fault("share.list", str(error), _mend_share(str(error)))
    else:
        yield ok("share.list", f"đọc được thư mục web ({share.kind}), có {entries} mục")


SHARE = (
    (("mã 401", "mã 403"), "Kiểm tra DONDOC_SHARE__USERNAME, DONDOC_SHARE__PASSWORD và quyền đọc."),
    (("mã 404", "mã 405"), "Kiểm tra đường dẫn trong DONDOC_SHARE__URL và DONDOC_SHARE__KIND."),
    (("SSLError",), "Kiểm tra chứng thư của máy chủ; chứng thư nội bộ thì khai báo DONDOC_SHARE__CA_FILE."),
    (("danh sách",), "Kiểm tra DONDOC_SHARE__KIND (webdav, listing) và đường dẫn DONDOC_SHARE__URL."),
    (("DONDOC_SHARE__",), "Sửa thiết lập nêu trên rồi chạy lại dondoc doctor."),
)


def _mend_share(error: str) -> str:
    for signs, mend in SHARE:
        if any(sign in error for sign in signs):
            return mend
    return "Kiểm tra DONDOC_SHARE__URL, tường lửa, và máy chủ của thư mục web có đang chạy."


def prefect(look: Look) -> Iterator[Result]:
    """Only where an API answers: deployments, paused schedules, workers."""
    import requests

    from tasks.system.prefect_api import PrefectApi

    try:
        with PrefectApi(look.settings.prefect, min(look.timeout, 4)) as api:
            if not api.answers():
                mend = "Khởi động: make run (hoặc dịch vụ của cơ quan)."
                yield warn("prefect", "máy chủ Prefect chưa chạy", mend)
                return
            yield from _schedules(api)
            yield from _workers(api)
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        mend = "Kiểm tra DONDOC_PREFECT__HOST, __PORT, __AUTH_STRING."
        yield warn("prefect", f"máy chủ Prefect trả lời không đúng ({type(error).__name__})", mend)


def _rows(api: Any, path: str) -> list[dict[str, Any]]:
    rows = api.ask(f"{path}/filter", {"limit": 200})
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        raise ValueError("not a list of objects")
    return rows


def _schedules(api: Any) -> Iterator[Result]:
    found = _rows(api, "deployments")
    timed = [d for d in found if d.get("schedules")]
    asleep = [d["name"] for d in timed if d.get("paused") or not any(s["active"] for s in d["schedules"])]
    if not timed:
        yield warn(
            "prefect.schedules", "chưa có lịch nào được đăng ký", "Chạy: make run (hoặc dondoc deploy)"
        )
    elif asleep:
        mend = "Mở lại lịch trong giao diện Prefect (Deployments)."
        yield fault("prefect.schedules", f"{len(asleep)} lịch đang tạm dừng", mend, tuple(asleep))
    else:
        yield ok("prefect.schedules", f"{len(timed)} lịch đang chạy")


def _workers(api: Any) -> Iterator[Result]:
    """Flows served beside the server need no pool; a pool without a worker runs nothing."""
    pools = [p for p in _rows(api, "work_pools") if not p["type"].startswith("prefect-agent")]
    idle = [p["name"] for p in pools if p.get("status") != "READY" and not p.get("is_paused")]
    paused = [p["name"] for p in pools if p.get("is_paused")]
    if idle or paused:
        mend = "Khởi động: prefect worker start --pool TÊN; nhóm tạm dừng thì mở lại trong giao diện."
        yield warn(
            "prefect.workers",
            f"{len(idle + paused)} nhóm không có tiến trình làm việc",
            mend,
            (*idle, *paused),
        )
    elif pools:
        yield ok("prefect.workers", f"{len(pools)} nhóm tiến trình sẵn sàng")
