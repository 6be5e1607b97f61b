"""Who else knows the time: web servers by their Date header, the machine by its count since the start."""

from __future__ import annotations

import logging
import sys
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import requests

from config.settings import Settings
from tasks.rules.clock import Heard, Tick

BOOT = Path("/proc/sys/kernel/random/boot_id")
PATIENCE = 5  # seconds for one server


def hear(settings: Settings) -> Heard:
    """Ask every witness now. Who cannot be reached, or answers from a cache, is not heard."""
    urls = [*settings.clock_urls, *([settings.share.url] if settings.share.url else [])]
    told = {f"máy chủ {urlsplit(url).hostname}": at for url in urls if (at := _date(settings, url))}
    return Heard(_tick(), told)


def _tick() -> Tick | None:
    """Linux alone counts the time asleep too; elsewhere a laptop that slept would be doubted."""
    if sys.platform != "linux" or not BOOT.exists():
        return None
    return Tick(BOOT.read_text("ascii").strip(), time.clock_gettime(time.CLOCK_BOOTTIME))


def _date(settings: Settings, url: str) -> datetime | None:
    own = url == settings.share.url and settings.share.ca_file
    with requests.Session() as client:
        client.trust_env = False
        try:
            answer = client.head(
                url, timeout=PATIENCE, allow_redirects=False, verify=str(own) if own else True
            )
            if "Age" in answer.headers:
                return None
            said = parsedate_to_datetime(answer.headers["Date"])
        except (OSError, KeyError, ValueError, TypeError) as error:  # also a ca_file that is not there
            why = type(error).__name__
            logging.getLogger("dondoc").warning("Không hỏi được giờ của máy chủ đối chiếu (%s)", why)
            return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)
