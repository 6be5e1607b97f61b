"""nginx with the shipped `deploy/nginx.conf`: only names, ports and paths are the test's own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.prefect_house import free_port, wait_for

SHIPPED = Path(__file__).parents[1] / "deploy" / "nginx.conf"
FRAME = """daemon off; pid {root}/pid; error_log {root}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/f;
  uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
  include {root}/dondoc.conf;
}}
"""


@dataclass(frozen=True)
class Front:
    """What clients are told: the address, and the certificate that they must trust."""

    url: str
    certificate: Path


@contextmanager
def in_front_of(root: Path, *ports: int) -> Iterator[Front]:
    """TLS at a free port of this machine, before the servers at ``ports``."""
    if shutil.which("nginx") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("nginx is not installed")
    root.mkdir()
    port = free_port()
    certificate = _certificate(root)
    (root / "dondoc.conf").write_text(_adapted(root, port, ports), "utf-8")
    (root / "nginx.conf").write_text(FRAME.format(root=root), "utf-8")
    command = ["nginx", "-p", str(root), "-c", str(root / "nginx.conf"), "-e", str(root / "start.log")]
    with subprocess.Popen(command) as nginx:
        try:
            wait_for(lambda: _listens(port), 20, f"nginx, see {root}")
            yield Front(f"https://localhost:{port}", certificate)
        finally:
            nginx.terminate()


def _adapted(root: Path, port: int, ports: tuple[int, ...]) -> str:
    servers = "\n".join(f"    server 127.0.0.1:{p};" for p in ports)
    text = SHIPPED.read_text("utf-8")
    for pattern, ours in (
        (r"    server server:4200;.*", servers),
        (r"listen 443 ", f"listen 127.0.0.1:{port} "),
        (r"server_name .*;", "server_name localhost;"),
        (r"/etc/nginx/tls", str(root)),
    ):
        text, count = re.subn(pattern, ours, text)
        assert count, f"{SHIPPED} has no {pattern}"
    return text


def _certificate(root: Path) -> Path:
    made = root / "dondoc.crt"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    files = ["-keyout", str(root / "dondoc.key"), "-out", str(made)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return made


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
