"""Names that look like settings and are none: a misspelt one is silently without effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel

from config.plan_faults import did_you_mean
from config.settings import Settings

from . import Result, fault, ok, warn

PREFIX = "DONDOC_"
BESIDE = frozenset({"DONDOC_SECRETS_DIR", "DONDOC_STILL"})  # read beside Settings
MEND = "Sửa tên (docs/settings.md) hoặc xóa dòng đó."


def known_names() -> frozenset[str]:
    return frozenset(_names(Settings, PREFIX)) | BESIDE


def _names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Every setting, and every group (which may be given whole as JSON)."""
    for name, info in model.model_fields.items():
        yield prefix + name.upper()
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _names(inner, f"{prefix}{name.upper()}__")


def misspelt(environment: Mapping[str, str], env_file: Path) -> Iterator[Result]:
    """Variables of the environment, lines of ``.env``, files of ``DONDOC_SECRETS_DIR``."""
    places = {"biến môi trường": list(environment)}
    try:
        places[str(env_file)] = _lines(env_file)
        folder = environment.get("DONDOC_SECRETS_DIR")
        if folder:
            places[folder] = [f.name for f in Path(folder).iterdir() if f.is_file()]
    except (OSError, ValueError) as error:
        yield fault("settings.readable", f"không đọc được thiết lập: {error}", "Kiểm tra quyền đọc, UTF-8.")
    unknown = [(place, name) for place, names in places.items() for name in _unknown(names)]
    for place, name in unknown:
        found = f"{place}: không có thiết lập tên {name}"
        yield fault("settings.names", found, f"{MEND}{did_you_mean(name.upper(), known_names())}")
    if not unknown:
        yield ok("settings.names", "mọi tên thiết lập DONDOC_… đều đúng")


def _unknown(names: Iterable[str]) -> list[str]:
    known = known_names()
    return sorted(n for n in names if n.upper().startswith(PREFIX) and n.upper() not in known)


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8-sig")  # Notepad begins a file with a mark
    lines = (x.strip().removeprefix("export ").strip() for x in text.splitlines())
    return [x.partition("=")[0].strip() for x in lines if x and not x.startswith("#")]


def readable_by_others(environment: Mapping[str, str], env_file: Path) -> Iterator[Result]:
    """Secrets on disk belong to the account that runs this, nobody else (not judged on Windows)."""
    paths = [env_file] if env_file.is_file() else []
    folder = environment.get("DONDOC_SECRETS_DIR")
    if folder and Path(folder).is_dir():
        paths += [f for f in Path(folder).iterdir() if f.is_file()]
    open_ = [p for p in paths if _mode(p) & 0o077]
    for path in open_:
        yield warn("settings.secrecy", f"người khác trên máy đọc được {path}", f"Chạy: chmod 600 {path}")
    if not open_:
        yield ok("settings.secrecy", "không tệp thiết lập nào để người khác đọc được")


def _mode(path: Path) -> int:
    import os

    return 0 if os.name == "nt" else path.stat().st_mode
