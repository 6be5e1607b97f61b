"""What a person may write as a setting's value: addresses, domains, one line of words."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from .addresses import BAD_EMAIL, DOMAIN, EMAIL, names_a_server

DATABASE = re.compile(r"(postgresql(\+psycopg)?://[^/]*/[^/?]+|sqlite:///(?!:memory:)[^?]).*")


def _address(value: str) -> str:
    if value and not EMAIL.fullmatch(value):
        raise ValueError(BAD_EMAIL)
    return value


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("chỉ được là một dòng chữ, không có ký tự điều khiển")
    return value


def _domain(value: str) -> str:
    if not DOMAIN.fullmatch(value.lstrip("@.")):
        raise ValueError("phải là một tên miền, không dấu, không cách, không dấu *, ví dụ ninhbinh.gov.vn")
    return value


def _server(url: str) -> str:
    if not names_a_server(url):
        raise ValueError("không phải địa chỉ trang web: kiểm tra tên máy chủ và cổng")
    return url


def is_database(url: str) -> bool:
    """An address the program can work with; SQLAlchemy would tell of any other with its password."""
    try:
        make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number: often the rest of a password
        return False
    return bool(DATABASE.match(url))


Address = Annotated[str, AfterValidator(_address)]  # or empty
Domain = Annotated[str, AfterValidator(_domain)]
WebAddress = Annotated[str, AfterValidator(_server)]  # or empty
OneLine = Annotated[str, AfterValidator(_one_line)]
