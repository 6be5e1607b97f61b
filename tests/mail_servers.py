"""Real servers for tests, each on a free port of 127.0.0.1: Dovecot as a plain user, wsgidav."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "pw"

DOVECOT = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{root}/mail/%u
mail_max_userip_connections = 100
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
auth_failure_delay = 0 secs
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
}}
"""


def need(program: str) -> str:
    """The program's path; absent, a failure where CI=true and otherwise a skipped test."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


@contextmanager
def dovecot() -> Iterator[int]:
    """An IMAP server with an empty mailbox for any user (password ``pw``); yields its port.

    As root it runs as *nobody*: Dovecot wants no root where everything is one user's. So its
    folder is not pytest's, which is closed to others.
    """
    program, port = need("dovecot"), free_port()
    root = Path(tempfile.mkdtemp(prefix="dovecot-"))
    command = [program, "-F", "-c", str(root / "dovecot.conf")]
    owner = pwd.getpwuid(os.getuid())
    if os.getuid() == 0:
        owner = pwd.getpwnam("nobody")
        command = [
            need("setpriv"),
            f"--reuid={owner.pw_uid}",
            f"--regid={owner.pw_gid}",
            "--clear-groups",
            *command,
        ]
    _prepare(root, owner, port)
    server = subprocess.Popen(command, start_new_session=True)
    try:
        wait_for(port)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(10)
        shutil.rmtree(root, ignore_errors=True)


def _prepare(root: Path, owner: pwd.struct_passwd, port: int) -> None:
    for name in ("run", "state", "mail"):
        (root / name).mkdir(parents=True)
    text = DOVECOT.format(
        root=root, user=owner.pw_name, group=grp.getgrgid(owner.pw_gid).gr_name, uid=owner.pw_uid, gid=owner.pw_gid,
        port=port, password=PASSWORD,
    )  # fmt: skip
    (root / "dovecot.conf").write_text(text)
    if os.getuid() == 0:
        for path in (root, *root.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)


@contextmanager
def webdav(folder: Path, user: str = "dondoc", password: str = "bi-mat") -> Iterator[str]:
    """A WebDAV share of ``folder`` behind basic authentication; yields its address."""
    from cheroot import wsgi
    from wsgidav.wsgidav_app import WsgiDAVApp

    port = free_port()
    application = WsgiDAVApp(
        {
            "provider_mapping": {"/bao-cao": str(folder)},
            "simple_dc": {"user_mapping": {"*": {user: {"password": password}}}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
            "verbose": 0,
            "logging": {"enable": False},
        }
    )
    server = wsgi.Server(("127.0.0.1", port), application)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/bao-cao/"
    finally:
        server.stop()
        thread.join(10)


class Cutter:
    """A TCP proxy that cuts each connection after a given number of bytes from the server; with
    ``dribble`` it goes on instead, a byte every ``dribble`` seconds."""

    def __init__(self, target: int, limits: Iterator[int | None], dribble: float = 0) -> None:
        self.target, self.limits, self.dribble = target, limits, dribble
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.cuts = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=_pump, args=(client, server), daemon=True).start()
            threading.Thread(target=self._back, args=(server, client, next(self.limits)), daemon=True).start()

    def _back(self, server: socket.socket, client: socket.socket, limit: int | None) -> None:
        passed = 0
        try:
            while data := server.recv(65536):
                if limit is not None and passed + len(data) >= limit:
                    start = max(0, limit - passed)
                    client.sendall(data[:start])
                    self.cuts += 1
                    if not self.dribble:
                        break
                    for byte in data[start:]:
                        time.sleep(self.dribble)
                        client.sendall(bytes([byte]))
                    passed += len(data)
                    continue
                client.sendall(data)
                passed += len(data)
        except OSError:
            pass
        for end in (client, server):
            _shut(end)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    _shut(target)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def listing_server(pages: dict[str, Any], context: ssl.SSLContext | None = None) -> Any:
    """An HTTP server whose ``pages`` map a path to (status, headers, body); call ``.shutdown()``.

    It honours ``If-None-Match`` for pages with an ETag, answers PROPFIND from "PROPFIND /path", and
    keeps in ``.asked`` what was asked: (method, path, status). A body given as a list is sent piece by
    piece, a tenth of a second apart.
    """
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(self.path)

        def do_PROPFIND(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(f"PROPFIND {self.path}")

        def _answer(self, key: str) -> None:
            status, headers, body = pages.get(key, (404, {}, b""))
            if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
            server.asked.append((self.command, self.path, status))  # type: ignore[attr-defined]
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            pieces = body if isinstance(body, list) else [body]
            self.send_header("Content-Length", str(sum(map(len, pieces))))
            self.end_headers()
            with suppress(OSError):  # who asked may have gone
                for number, piece in enumerate(pieces):
                    time.sleep(0.1 * bool(number))
                    self.wfile.write(piece)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
