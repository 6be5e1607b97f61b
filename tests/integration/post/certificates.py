"""Certificates for tests: an authority and what it signed, made with the openssl command."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


def an_authority(folder: Path, name: str = "ca") -> Path:
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    _openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650",
        "-subj", f"/CN={name}", "-keyout", key, "-out", certificate,
    )
    return certificate


def a_server(folder: Path, authority: Path, host: str = "IP:127.0.0.1", *, expired: bool = False) -> ssl.SSLContext:
    """A server's context with a certificate for ``host``, expired or not."""
    name = f"server-{'expired' if expired else 'valid'}-{abs(hash(host))}"
    key, request, certificate = (folder / f"{name}.{kind}" for kind in ("key", "csr", "pem"))
    _openssl(
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-subj", "/CN=mail", "-keyout", key, "-out", request,
    )
    extension = folder / f"{name}.ext"
    extension.write_text(f"subjectAltName={host}\nbasicConstraints=CA:FALSE\n")
    days = ["-days", "-1"] if expired else ["-days", "3650"]
    _openssl(
        "x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority.with_suffix(".key"),
        "-CAcreateserial", "-extfile", extension, "-out", certificate, *days,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
