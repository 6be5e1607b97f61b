"""Settings that are well formed and still cannot be right, or are not safe."""

from __future__ import annotations

from collections.abc import Iterator

from config.settings import MailMode

from . import Look, Result, fault, ok, warn

RESERVED = (".example", ".invalid", ".test", "example.com", "example.net", "example.org", "example.vn")
LOCAL = ("127.0.0.1", "localhost", "::1")
PASSWORD_DAYS = 183


def is_example(address: str) -> bool:
    """An address in a domain reserved for examples: no mail server delivers it."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    return any(domain == r.lstrip(".") or domain.endswith(r if r[0] == "." else f".{r}") for r in RESERVED)


def mail_mode(look: Look) -> Iterator[Result]:
    mail = look.settings.mail
    words = {
        MailMode.HOLD: "giữ lại thành tệp .eml, không gửi thư nào",
        MailMode.REDIRECT: "mọi thư về một địa chỉ thử",
        MailMode.LIVE: f"gửi thật, chỉ tới {', '.join(mail.allow_domains)}",
        MailMode.REHEARSE: "chỉ gửi vào hộp thư diễn tập trên máy này",
    }
    yield ok("mail.mode", f"DONDOC_MAIL__MODE={mail.mode}: {words[mail.mode]}")
    if is_example(mail.sender):
        mend = "Đặt DONDOC_MAIL__SENDER là địa chỉ thư công vụ của cơ quan."
        worst = fault if mail.mode is MailMode.LIVE else warn
        yield worst("mail.sender", "địa chỉ gửi đang là địa chỉ ví dụ", mend)


def password_age(look: Look) -> Iterator[Result]:
    mail = look.settings.mail
    if not mail.username:
        return
    if mail.password_changed is None:
        mend = "Đặt DONDOC_MAIL__PASSWORD_CHANGED là ngày đổi mật khẩu gần nhất."
        yield warn("mail.password_age", "chưa ghi ngày đổi mật khẩu hộp thư", mend)
        return
    days = (look.now.date() - mail.password_changed).days
    if days > PASSWORD_DAYS:
        mend = "Đổi mật khẩu hộp thư rồi sửa DONDOC_MAIL__PASSWORD_CHANGED."
        yield warn("mail.password_age", f"mật khẩu hộp thư đã dùng {days} ngày, quá sáu tháng", mend)
    else:
        yield ok("mail.password_age", f"mật khẩu hộp thư đổi cách đây {days} ngày")


def exposure(look: Look) -> Iterator[Result]:
    prefect = look.settings.prefect
    if prefect.host in LOCAL:
        yield ok("prefect.exposure", f"giao diện chỉ mở ở {prefect.host}")
    elif not prefect.auth_string.get_secret_value():
        mend = (
            "Đặt DONDOC_PREFECT__AUTH_STRING, và đặt TLS phía trước; hoặc để DONDOC_PREFECT__HOST=127.0.0.1."
        )
        yield fault("prefect.exposure", f"giao diện mở ra {prefect.host} mà không có mật khẩu", mend)
    else:
        mend = "Đặt máy chủ trung gian có TLS phía trước; không mở thẳng ra mạng."
        yield warn("prefect.exposure", f"giao diện mở ra {prefect.host}, có mật khẩu", mend)


def desk(look: Look) -> Iterator[Result]:
    chosen = look.settings.desk
    codes = {o.code: o for o in chosen.operators}
    second = chosen.second_approver
    if second and second not in codes:
        mend = f"Khai báo {second} trong DONDOC_DESK__OPERATORS, kèm địa chỉ thư."
        yield fault("desk.second", f"người duyệt thứ hai {second} chưa khai báo", mend)
    elif second and not codes[second].email:
        mend = f"Thêm địa chỉ thư của {second} trong DONDOC_DESK__OPERATORS."
        yield fault("desk.second", f"người duyệt thứ hai {second} chưa có địa chỉ để nhận mã một lần", mend)
    elif not any(o.email for o in chosen.operators):
        mend = "Thêm địa chỉ vào DONDOC_DESK__OPERATORS; nếu không, cảnh báo chỉ tới contacts.csv."
        yield warn("desk.operators", "chưa chuyên viên nào có địa chỉ thư", mend)
    else:
        yield ok("desk.operators", f"{len(codes)} người quyết định đã khai báo")


def audit_head(look: Look) -> Iterator[Result]:
    if look.settings.audit_head_to:
        yield ok("audit.head_to", "mã cuối của nhật ký được gửi hằng ngày")
    else:
        mend = "Đặt DONDOC_AUDIT_HEAD_TO là một hộp thư lưu trữ của cơ quan."
        yield warn("audit.head_to", "chưa có nơi nhận mã nhật ký: cắt bớt nhật ký có thể không lộ ra", mend)
