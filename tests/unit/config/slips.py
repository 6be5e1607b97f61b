"""Slips a person makes: file, what stood there, what stands there now, field blamed, words of advice."""

from __future__ import annotations

SLIPS: dict[str, tuple[str, str, str, str, str]] = {
    "a unit in charge of an unknown member": (
        "units.csv", "TV-SKHCN,assumed", "TV-SKHCM,assumed", "member", "“TV-SKHCN”"),
    "an active unit without a member": (
        "units.csv", "TV-SNV,assumed", ",assumed", "member", "đúng một Thành viên phụ trách"),
    "a unit whose head is its own member in charge": (
        "units.csv", "SNV,Sở Nội vụ,Sở Nội vụ,so_nganh,true,TV-SKHCN",
        "SNV,Sở Nội vụ,Sở Nội vụ,so_nganh,true,TV-SNV", "member", "thủ trưởng của chính đơn vị"),
    "a group that does not exist": (
        "units.csv", "Sở Nội vụ,Sở Nội vụ,so_nganh", "Sở Nội vụ,Sở Nội vụ,songanh", "group", "so_nganh, xa"),
    "a sign that nobody sees": (
        "units.csv", "Sở Nội vụ,Sở Nội vụ", "Sở\u200b Nội vụ,Sở Nội vụ", "name", "U+200B"),
    "a clause that is only a blank": (
        "plan.toml", 'clause = "Mục III.2', 'clause = " " # "Mục III.2', "clause", "Không được để trống"),
    "a gap of a thousand years": (
        "plan.toml", "gap = 2", "gap = 250000", "gap", "250 trở xuống"),
    "a reminder after the limit": (
        "plan.toml", "reminders = [7, 3, 1]", "reminders = [7, 3, -1]", "2", "1 trở lên"),
    "a code with a blank in it": (
        "assignments.csv", "NV-CAT-1", "NV CAT 1", "code", "Mã chỉ gồm"),
    "yes and no in other words": (
        "units.csv", "UBND phường Phủ Lý,phuong,true", "UBND phường Phủ Lý,phuong,đúng", "active", "true"),
    "a contact of an unknown unit": (
        "contacts.csv", "SNV,liaison", "SNB,liaison", "unit", "Có phải ý là “SNV”"),
    "an address without a domain": (
        "contacts.csv", "daumoi.snv@ninhbinh.example", "daumoi.snv@", "email", "không hợp lệ"),
    "two addresses in one cell": (
        "contacts.csv", "daumoi.snv@ninhbinh.example", "a@b.vn; c@d.vn", "email", "chỉ một địa chỉ"),
    "an address with Vietnamese marks": (
        "contacts.csv", "daumoi.snv@", "đầumối.snv@", "email", "không dấu"),
    "an address of another unit": (
        "contacts.csv", "daumoi.snv@ninhbinh.example", "skhcn@ninhbinh.example", "email", "của đơn vị SKHCN"),
    "a role that does not exist": (
        "contacts.csv", "SNV,liaison", "SNV,liason", "role", "liaison"),
    "an operator outside the Department": (
        "contacts.csv", "SNV,liaison", "SNV,operator", "role", "cơ quan thường trực (SKHCN)"),
    "a second clerk": (
        "contacts.csv", "SNV,liaison", "SNV,clerk", "role", "nhiều văn thư"),
    "a member who heads an unknown unit": (
        "members.csv", ".example,CAT,", ".example,CATT,", "unit", "“CAT”"),
    "a second chair": (
        "members.csv", 'member,"cải cách', 'chair,"cải cách', "role", "một Trưởng Ban"),
    "a member's role in other words": (
        "members.csv", 'member,"cải cách', 'thành viên,"cải cách', "role", "chair, vice_chair, member"),
    "a number with a decimal comma": (
        "indicators.csv", ",17.5,", ',"17,5",', "target", "dấu chấm"),
    "a percentage over 100": (
        "indicators.csv", ",17.5,", ",175,", "target", "không quá 100"),
    "a number that is none": (
        "indicators.csv", ",17.5,", ",nan,", "target", "100"),
    "an unknown lead": (
        "indicators.csv", "SKHCN,assumed,SKHCN", "SKHCNN,assumed,SKHCN", "lead", "“SKHCN”"),
    "a lead that is switched off": (
        "indicators.csv", "SKHCN,assumed,SKHCN", "TKT,assumed,SKHCN", "lead", "đang tắt"),
    "figures asked of nobody known": (
        "indicators.csv", "assumed,xa; phuong", "assumed,xa; phuongg", "reported_by", "“phuong”"),
    "a part of an unknown target": (
        "indicators.csv", "toi_thieu,,", "toi_thieu,C99,", "parent", "indicators.csv"),
    "a part of a part": (
        "indicators.csv", ",C3,số hồ sơ", ",C2a,số hồ sơ", "parent", "Chỉ tách một cấp"),
    "a line that is no number": (
        "indicators.csv", ",45,tang", ",dòng 45,tang", "line", "số nguyên"),
    "an assignment to an unknown unit": (
        "assignments.csv", ",CAT,2026", ",CA,2026", "unit", "“CAT”"),
    "an assignment of another family": (
        "assignments.csv", ",de_an_06,", ",de_an_6,", "family", "kh_140"),
    "a day as people write it": (
        "assignments.csv", "2026-09-30", "30/9/2026", "due", "ví dụ 2026-09-30"),
    "a day that Excel made a number": (
        "assignments.csv", "2026-09-30", "46295", "due", "NĂM-THÁNG-NGÀY"),
    "a day that does not exist": (
        "assignments.csv", "2026-09-30", "2026-09-31", "due", "có thật"),
    "a due date in the wrong year": (
        "assignments.csv", "2026-09-30", "2062-09-30", "due", "năm kế hoạch 2026"),
    "a holiday of no kind": (
        "holidays.csv", "2026-09-02,off", "2026-09-02,nghỉ", "kind", "off, work"),
    "a make-up day in the week": (
        "holidays.csv", "2026-09-02,off", "2026-09-02,work", "kind", "thứ Bảy"),
    "a key misspelt in plan.toml": (
        "plan.toml", "cure_days = 3", "cure_day = 3", "cure_day", "“cure_days”"),
    "a section misspelt": (
        "plan.toml", "[chasing]", "[chasin]", "chasin", "“chasing”"),
    "a rung's key misspelt": (
        "plan.toml", "approval = false", "aproval = false", "aproval", "“approval”"),
    "a round without a limit": (
        "plan.toml", "limit = 2026-06-25", "", "limit", "Thiếu mục bắt buộc"),
    "a limit before the opening": (
        "plan.toml", "opens = 2026-06-01", "opens = 2026-06-30", "opens", "trước thời hạn"),
    "a day of plan.toml as people write it": (
        "plan.toml", "opens = 2026-06-01", 'opens = "1/6/2026"', "opens", "NĂM-THÁNG-NGÀY"),
    "a data period turned round": (
        "plan.toml", "period_from = 2026-03-15", "period_from = 2026-07-15", "period_from", "đảo ngược"),
    "a data period that ends after the limit": (
        "plan.toml", "period_to = 2026-06-14", "period_to = 2026-06-30", "period_to", "trước thời hạn"),
    "a consolidation before the limit": (
        "plan.toml", "consolidates = 2026-06-30", "consolidates = 2026-06-20", "consolidates", "từ thời hạn"),
    "an unknown previous round": (
        "plan.toml", 'previous = "2026-q2"', 'previous = "2026-q22"', "previous", "“2026-q2”"),
    "a previous round that comes later": (
        "plan.toml", 'previous = "2026-q2"', 'previous = "2026-q4"', "previous", "sớm hơn"),
    "a round of an unknown unit": (
        "plan.toml", 'units = ["CAT"]', 'units = ["CATT"]', "units", "“CAT”"),
    "an audience that is not listed": (
        "plan.toml", 'units = ["CAT"]', "units = []", "audience", "danh sách units"),
    "a reminder before the opening": (
        "plan.toml", "reminders = [7, 3, 1]", "reminders = [12, 3, 1]", "reminders", "trước ngày mở đợt"),
    "reminders out of order": (
        "plan.toml", "reminders = [7, 3, 1]", "reminders = [1, 3, 7]", "reminders", "giảm dần"),
    "a limit in the wrong year": (
        "plan.toml", "limit = 2026-12-25", "limit = 2062-12-25", "limit", "năm kế hoạch 2026"),
    "rungs that do not climb": (
        "plan.toml", "after = 5", "after = 2", "ladder", "Bậc sau phải muộn hơn"),
    "a first rung that passes the unit by": (
        "plan.toml", 'number = 1\nto = "unit"', 'number = 1\nto = "head"', "ladder", "gửi chính đơn vị"),
    "an unknown receiver": (
        "plan.toml", 'receiver = "SKHCN"', 'receiver = "SKHCNN"', "receiver", "“SKHCN”"),
    "an unknown owner of an area": (
        "plan.toml", 'cchc = "SNV"', 'cchc = "SNVV"', "cchc", "“SNV”"),
    "an area without owner": (
        "plan.toml", 'cchc = "SNV"', "", "area_owner", "lĩnh vực cchc"),
    "an area that does not exist": (
        "plan.toml", 'cchc = "SNV"', 'cchc = "SNV"\nccch = "SNV"', "ccch", "cchc"),
    "a pass outside the window": (
        "plan.toml", "13:10:00]", "18:10:00]", "passes", "ngoài khung giờ"),
    "a pass when the window has closed": (
        "plan.toml", "13:10:00]", "17:00:00]", "passes", "ngoài khung giờ"),
    "no pass at all": (
        "plan.toml", "passes = [07:10:00, 13:10:00]", "passes = []", "passes", "Chưa có lượt gửi nào"),
    "a window turned round": (
        "plan.toml", "window_from = 07:00:00", "window_from = 18:00:00", "window_from", "đảo ngược"),
    "a quote left open": (
        "plan.toml", 'place = "Ninh Bình"', 'place = "Ninh Bình', "", "cú pháp TOML"),
}  # fmt: skip

# Where the thing that is missing has no line of its own, the fault points at its table.
AT_TABLE = {
    "a round without a limit": '[[rounds]]\ncode = "2026-q2"',
    "an area without owner": "[area_owner]",
    "rungs that do not climb": "[ladder]",
    "a first rung that passes the unit by": "[ladder]",
    "an audience that is not listed": 'audience = "listed"',
}
