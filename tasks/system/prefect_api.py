"""Prefect's API asked without Prefect: with the password and the CSRF token of a guarded server."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import requests

from config.settings import Prefect

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # an address to listen at is none to call
FORBIDDEN = 403


def past_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """The office's web proxy is not between us and ourselves, whatever the environment says."""
    told = environment.get("NO_PROXY") or environment.get("no_proxy")
    near = ",".join(filter(None, (told, *LOOPBACK)))
    return {"NO_PROXY": near, "no_proxy": near}


def reach(host: str) -> str:
    """How this machine reaches a server that listens at ``host``, as part of an address."""
    found = EVERYWHERE.get(host, host)
    return f"[{found}]" if ":" in found else found


class PrefectApi:
    """The server that the settings name. Errors are those of ``requests``, ``ValueError`` for no JSON."""

    def __init__(self, settings: Prefect, timeout: float) -> None:
        self.base, self.timeout = f"http://{reach(settings.host)}:{settings.port}/api", timeout
        self.session = requests.Session()
        self.session.trust_env = False  # this machine: no proxy in between
        user, _, password = settings.auth_string.get_secret_value().partition(":")
        if user:
            self.session.auth = (user, password)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()

    def answers(self) -> bool:
        try:
            return bool(self.session.get(f"{self.base}/health", timeout=self.timeout).ok)
        except (requests.ConnectionError, requests.Timeout):
            return False

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        """POST a question; a server that guards against forgery refuses once and gets its token."""
        reply = self._post(path, body)
        if reply.status_code == FORBIDDEN:
            self._fetch_token()
            reply = self._post(path, body)
        reply.raise_for_status()
        return reply.json()

    def _post(self, path: str, body: dict[str, Any]) -> requests.Response:
        return self.session.post(f"{self.base}/{path}", json=body, timeout=self.timeout)

    def _fetch_token(self) -> None:
        client = str(uuid.uuid4())
        reply = self.session.get(f"{self.base}/csrf-token", params={"client": client}, timeout=self.timeout)
        reply.raise_for_status()
        self.session.headers.update(
            {"Prefect-Csrf-Client": client, "Prefect-Csrf-Token": str(reply.json()["token"])}
        )
