# SPDX-License-Identifier: Apache-2.0
"""What a browser is told not to do with our pages."""

import pytest
from django.test import Client

from tests.world import World


def policy(answer_policy: str) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer_policy.split(";"))
    return {name: sources for name, _, sources in parts}


def test_a_page_talks_to_us_and_to_stream_and_to_nobody_else(world: World) -> None:
    told = policy(
        Client().get("/desk", headers={"Host": "127.0.0.1:8420"})["Content-Security-Policy"]
    )
    assert told["connect-src"] == "'self' http://127.0.0.1:8421 ws://127.0.0.1:8421"
    assert told["default-src"] == "'self'"
    for closed in ("object-src", "base-uri", "frame-ancestors"):
        assert told[closed] == "'none'"
    assert "script-src" not in told, "scripts come from us alone, as everything else"


def test_behind_a_proxy_a_page_talks_to_the_stream_that_was_set(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEDAO_PUBLIC_STREAM_URL", "https://town.example/stream")
    told = policy(Client().get("/desk")["Content-Security-Policy"])
    assert told["connect-src"] == "'self' https://town.example wss://town.example"


def test_an_answer_that_is_no_page_may_load_nothing(world: World) -> None:
    told = policy(Client().get("/api/config")["Content-Security-Policy"])
    assert told["default-src"] == told["frame-ancestors"] == "'none'"


def test_a_host_that_is_not_ours_opens_nothing(world: World) -> None:
    answer = Client().get("/desk", headers={"Host": "elsewhere.example"})
    assert "elsewhere.example" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/desk", "/api/config", "/nowhere"])
def test_every_answer_carries_what_keeps_a_browser_in_bounds(world: World, path: str) -> None:
    answer = Client().get(path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Permissions-Policy"] == "camera=(self), microphone=(self), geolocation=(self)"
