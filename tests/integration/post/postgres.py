"""A throw-away PostgreSQL from the system's binaries."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def binaries() -> Path | None:
    """The folder of the newest installed server, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


@contextmanager
def running() -> Iterator[str]:
    """The URL of an empty database. Missing: a failure where CI=true, else a skip."""
    programs = binaries()
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    root = Path(tempfile.mkdtemp(prefix="dondoc-pg-", dir="/tmp"))
    data = root / "data"
    demoted: list[str] = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(root, "nobody", "nogroup")
        demoted = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = ["start", "-w", "-o", f"-p {port} -k {root} -c listen_addresses=127.0.0.1 -F"]
    control = [*demoted, str(programs / "pg_ctl"), "-D", str(data), "-l", str(root / "log")]
    initdb = [str(programs / "initdb"), "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    try:
        subprocess.run([*demoted, *initdb, "-D", str(data)], check=True, capture_output=True, timeout=60, cwd=root)
        subprocess.run([*control, *start], check=True, stdout=subprocess.DEVNULL, timeout=60, cwd=root)
        yield f"postgresql://test@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "stop", "-m", "immediate"], capture_output=True, timeout=60, cwd=root, check=False)
        shutil.rmtree(root, ignore_errors=True)
