"""The tables of the forms: their columns, headings and the words by which they are found again.

Headings follow the outline of the unit's report and of the KPI plan; a column is recognised by the
folded beginning of its heading, so a moved column or a changed date in the heading does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

STATES = ("Đã hoàn thành", "Đã hoàn thành quá hạn", "Đang thực hiện", "Chưa hoàn thành")
BASES = ("Ước", "Chính thức")
CLAIMS = ("Đạt", "Chưa đạt")
LAST = "Kỳ trước (đã tiếp nhận)"


@dataclass(frozen=True)
class Column:
    """``heading`` may hold {year} and {end}; ``width`` in Excel characters; ``starts``: folded
    beginnings that identify it; ``exact``: folded headings that identify it only as a whole."""

    key: str
    heading: str
    width: float
    kind: str = "text"  # text, centre, number (locked); input, input_number, choice (unlocked)
    starts: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    prompt: str = ""

    @property
    def unlocked(self) -> bool:
        return self.kind in ("input", "input_number", "choice")


@dataclass(frozen=True)
class Table:
    """``must``: keys without which a row of headings is not this table's (one of each group)."""

    key: str
    title: str
    columns: tuple[Column, ...]
    must: tuple[tuple[str, ...], ...]
    least: int = 3


_STT = Column("stt", "STT", 5, "centre", exact=("stt", "tt", "so tt"))
_CODE = Column("code", "Mã", 8, "centre", exact=("ma", "ma so", "ma chi tieu", "ma nhiem vu"))
_UOM = Column("uom", "Đơn vị tính", 8, "centre", starts=("don vi tinh",), exact=("dvt",))
_NAME = Column("name", "Chỉ tiêu", 34, exact=("chi tieu", "ten chi tieu"))
_SOURCE = Column("source", "Nguồn số liệu", 13, "input", starts=("nguon so lieu",))
_REMARK = Column("remark", "Ghi chú", 18, "input", starts=("ghi chu",))
_NUMBER_TIP = (
    "Ghi bằng số theo đơn vị tính, ví dụ 17,5 hoặc 17,5%. Chưa có số liệu: ghi rõ lý do ở cột Ghi chú."
)

INDICATORS = Table("indicators", "Biểu 01", (
    _STT, _CODE, _NAME, _UOM,
    Column("target", "Mục tiêu năm {year}", 8, "number", starts=("muc tieu",)),
    Column("last", LAST, 9.5, "number", starts=("ky truoc",)),
    Column("numerator", "Tử số", 8.5, "input_number", starts=("tu so",), prompt="Số đạt được, ví dụ 45"),
    Column("denominator", "Mẫu số", 8.5, "input_number", starts=("mau so",), prompt="Tổng số, ví dụ 60"),
    Column("result", "Kết quả trong quý", 9, "input_number", prompt=_NUMBER_TIP,
           starts=("ket qua trong", "ket qua quy", "ket qua ky")),
    Column("cumulative", "Kết quả lũy kế đến {end}", 10.5, "input_number", prompt=_NUMBER_TIP,
           starts=("ket qua luy ke", "luy ke"), exact=("ket qua", "ket qua thuc hien")),
    Column("basis", "Ước/chính thức", 9, "choice", starts=("uoc",), choices=BASES),
    Column("claim", "So với mục tiêu", 8, "choice", starts=("so voi muc tieu",), choices=CLAIMS),
    _SOURCE, _REMARK,
), must=(("cumulative", "result"), ("code", "name")))  # fmt: skip

ASSIGNMENTS = Table("assignments", "Biểu 02", (
    _STT, _CODE,
    Column("name", "Nhiệm vụ", 32, starts=("nhiem vu",)),
    Column("document", "Văn bản giao nhiệm vụ", 15, starts=("van ban giao",)),
    Column("lead", "Cơ quan chủ trì", 12, starts=("co quan chu tri",)),
    Column("due", "Thời hạn hoàn thành", 10, "centre", starts=("thoi han",)),
    Column("last", LAST, 10.5, "centre", starts=("ky truoc",)),
    Column("result", "Kết quả", 26, "input", starts=("ket qua",), prompt="Nêu kết quả; số, ngày văn bản"),
    Column("state", "Trạng thái", 11, "choice", starts=("trang thai",), choices=STATES),
    Column("difficulty", "Khó khăn, vướng mắc", 17, "input", starts=("kho khan",)),
    Column("proposal", "Đề xuất, kiến nghị", 17, "input", starts=("de xuat",)),
), must=(("state",), ("name", "code")))  # fmt: skip

SECTIONS = Table("sections", "Thuyết minh", (
    Column("stt", "Mục", 6, "centre", exact=("muc",)),
    Column("name", "Nội dung", 48, exact=("noi dung",)),
    Column("answer", "Phần đơn vị báo cáo", 90, "input", starts=("phan don vi",)),
), must=(("name",), ("answer",)), least=2)  # fmt: skip

PROPOSALS = Table("proposals", "Đề xuất, kiến nghị", (
    _STT,
    Column("name", "Nội dung đề xuất, kiến nghị", 62, "input", starts=("noi dung de xuat",)),
    Column("body", "Cơ quan đề nghị giải quyết", 32, "input", starts=("co quan de nghi",)),
    Column("reason", "Lý do", 44, "input", starts=("ly do",)),
), must=(("name",), ("body",)))  # fmt: skip

KPI_TARGETS = Table("kpi_targets", "Biểu 01", (
    _STT, _CODE, _NAME, _UOM,
    Column("target", "Mục tiêu {year}", 10, "number", starts=("muc tieu",)),
    Column("target_q2", "Chỉ tiêu trung gian/thành phần quý II", 11, "input_number",
           starts=("chi tieu trung gian thanh phan quy ii", "quy ii"), prompt=_NUMBER_TIP),
    Column("target_q3", "Chỉ tiêu trung gian/thành phần quý III", 11, "input_number",
           starts=("chi tieu trung gian thanh phan quy iii", "quy iii"), prompt=_NUMBER_TIP),
    Column("target_q4", "Chỉ tiêu trung gian/thành phần quý IV", 11, "input_number",
           starts=("chi tieu trung gian thanh phan quy iv", "quy iv"), prompt=_NUMBER_TIP),
    Column("method", "Phương pháp tính", 24, "input", starts=("phuong phap tinh",)),
    Column("measure", "Cách đo lường, đánh giá (KPIs)", 24, "input", starts=("cach do luong",)),
    _SOURCE, _REMARK,
), must=(("code", "name"), ("method", "target_q2")))  # fmt: skip

KPI_TASKS = Table("kpi_tasks", "Biểu 02", (
    _STT, _CODE, Column("name", "Chỉ tiêu", 24, exact=("chi tieu",)),
    Column("task", "Nhiệm vụ", 30, "input", starts=("nhiem vu",)),
    Column("product", "Sản phẩm", 16, "input", starts=("san pham",)),
    Column("lead", "Cơ quan, đơn vị chủ trì", 17, "input",
           starts=("co quan don vi chu tri", "co quan chu tri")),
    Column("coop", "Phối hợp", 14, "input", starts=("phoi hop",)),
    Column("due", "Thời hạn", 11, "input", starts=("thoi han",), prompt="Ngày hoàn thành, ví dụ 30/9/2026"),
    Column("resources", "Nguồn lực", 15, "input", starts=("nguon luc",)),
    Column("mechanism", "Cơ chế tổ chức triển khai", 19, "input", starts=("co che to chuc",)),
), must=(("task",), ("lead", "resources")))  # fmt: skip

TABLES = (INDICATORS, ASSIGNMENTS, SECTIONS, PROPOSALS, KPI_TARGETS, KPI_TASKS)


@dataclass(frozen=True)
class Section:
    """A text the unit writes. ``starts``: folded beginning of its label."""

    key: str
    number: str
    label: str
    starts: str


QUARTERLY_SECTIONS = (
    Section("direction", "I", "Công tác chỉ đạo, điều hành (văn bản đã ban hành; họp Ban Chỉ đạo; phân công "
            "theo “6 rõ”; kinh phí bố trí, giải ngân)", "cong tac chi dao"),
    Section("shortcomings", "III.1", "Tồn tại, hạn chế", "ton tai han che"),
    Section("causes", "III.2", "Nguyên nhân (khách quan; chủ quan)", "nguyen nhan"),
    Section("responsibility", "III.3", "Trách nhiệm", "trach nhiem"),
    Section("next", "IV", "Phương hướng, nhiệm vụ quý tiếp theo", "phuong huong"),
)  # fmt: skip
KPI_SECTIONS = (
    Section("purpose", "I", "Mục đích, yêu cầu", "muc dich"),
    Section("resources", "IV", "Nguồn lực thực hiện (chung cho các chỉ tiêu)", "nguon luc thuc hien"),
    Section("mechanism", "V", "Cơ chế tổ chức triển khai (chung cho các chỉ tiêu)", "co che to chuc"),
)
FREE_SECTIONS = (Section("difficulty", "", "Khó khăn, vướng mắc", "kho khan vuong mac"),)
SECTIONS_BY_START = {s.starts: s for s in QUARTERLY_SECTIONS + KPI_SECTIONS + FREE_SECTIONS}

# The seven components of a KPI plan (plan II.1, l.105): key → what a finding calls it.
COMPONENTS = {
    "tasks": "nhiệm vụ, giải pháp chủ yếu",
    "intermediate": "chỉ tiêu trung gian/thành phần",
    "method": "phương pháp tính, đo lường, đánh giá",
    "lead": "cơ quan, đơn vị chủ trì",
    "due": "thời hạn hoàn thành",
    "resources": "nguồn lực thực hiện",
    "mechanism": "cơ chế tổ chức triển khai",
}
