# SPDX-License-Identifier: Apache-2.0
"""Whose pages may come in."""

import pytest

from jiedao.base.settings import Settings
from jiedao.stream.access import allowed_hosts, check_origin
from jiedao.stream.errors import WrongOrigin

HERE = allowed_hosts(Settings())


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (None, "127.0.0.1:8421"),
        ("http://127.0.0.1:8420", "127.0.0.1:8421"),
        ("http://localhost:8420", "127.0.0.1:8421"),
        ("http://[::1]:8420", "[::1]:8421"),
        ("https://192.168.7.20:8420", "192.168.7.20:8421"),
        ("https://duty-room:8420", "duty-room:8421"),
        ("https://DUTY-ROOM.local:8420", "duty-room.local:8421"),
    ],
)
def test_a_page_may_call_where_it_came_from(origin: str | None, host: str) -> None:
    check_origin(origin, host, HERE)


@pytest.mark.parametrize(
    "origin",
    [
        "https://elsewhere.example",
        "http://192.168.7.21:8420",
        "https://duty-room.elsewhere.example",
        "null",
        "",
        "file://",
        "http://[broken",
        "http://127.0.0.1.elsewhere.example",
    ],
)
@pytest.mark.parametrize("host", ["192.168.7.20:8421", "duty-room:8421", None, ""])
def test_every_other_page_may_not(origin: str, host: str | None) -> None:
    with pytest.raises(WrongOrigin):
        check_origin(origin, host, HERE)


def test_a_proxy_with_a_name_of_its_own_is_known() -> None:
    hosts = allowed_hosts(Settings(public_stream_url="https://town.example/stream"))
    check_origin("https://town.example", "127.0.0.1:8421", hosts)


def test_listening_everywhere_allows_no_page_from_anywhere() -> None:
    for bind in ("0.0.0.0", "::"):  # noqa: S104
        with pytest.raises(WrongOrigin):
            check_origin(
                f"http://{bind}:8420", "192.168.7.20:8421", allowed_hosts(Settings(bind=bind))
            )
