# SPDX-License-Identifier: Apache-2.0
"""RTSP messages and sign-in, from the bytes a client sends."""

import base64
import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedao.sim.camera.login import REALM, Login
from jiedao.sim.camera.messages import (
    Channels,
    Malformed,
    Request,
    answer,
    description,
    parse_request,
    wanted_channels,
)

A_HEAD = b"SETUP rtsp://127.0.0.1:8554/bridge/track1 RTSP/1.0\r\nCSeq: 3\r\nTransport: x"


def test_a_request_is_read_with_its_camera_and_headers() -> None:
    request = parse_request(A_HEAD)
    assert (request.method, request.mount, request.sequence) == ("SETUP", "bridge", "3")
    assert request.headers["transport"] == "x"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_malformed(head: bytes) -> None:
    with contextlib.suppress(Malformed):
        parse_request(head)


def test_a_body_length_that_is_no_number_is_malformed() -> None:
    with pytest.raises(Malformed):
        _ = Request("PLAY", "rtsp://x/y", {"content-length": "-1"}).body_length


def test_only_interleaved_tcp_is_accepted() -> None:
    assert wanted_channels("RTP/AVP/TCP;unicast;interleaved=2-3") == Channels(2, 3)
    offers = "RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;unicast"
    assert wanted_channels(offers) == Channels(0, 1)
    for refused in ("RTP/AVP;unicast;client_port=1-2", "RTP/AVP/TCP;interleaved=a-b", ""):
        assert wanted_channels(refused) is None
    assert wanted_channels("RTP/AVP/TCP;interleaved=255-256") is None


def test_an_answer_carries_the_number_of_its_request_and_the_length_of_its_body() -> None:
    text = answer(parse_request(A_HEAD), 200, {"Session": "7"}, "é").decode()
    assert text.startswith("RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 7\r\nContent-Length: 2\r\n\r\n")


def test_the_description_carries_the_parameter_sets() -> None:
    text = description("bridge", b"\x67\x42\xc0\x1e", b"\x68\xce", 12.5, 96)
    sets = ",".join(base64.b64encode(part).decode() for part in (b"\x67\x42\xc0\x1e", b"\x68\xce"))
    assert "profile-level-id=42c01e" in text
    assert f"sprop-parameter-sets={sets}" in text
    assert "packetization-mode=1" in text


def digest(login: Login, password: str, method: str = "PLAY", nonce: str = "") -> Request:
    """A request signed as RFC 2617 says."""
    nonce = nonce or login.nonce

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    who, what = md5(f"{login.user}:{REALM}:{password}"), md5(f"{method}:rtsp://x/y")
    response = md5(f"{who}:{nonce}:{what}")
    header = (
        f'Digest username="{login.user}", realm="{REALM}", nonce="{nonce}",'
        f' uri="rtsp://x/y", response="{response}"'
    )
    return Request(method, "rtsp://x/y", {"authorization": header})


def test_the_right_password_is_admitted_in_both_ways() -> None:
    login = Login("duty", "p:1")
    basic = base64.b64encode(b"duty:p:1").decode()
    assert login.admits(Request("PLAY", "rtsp://x/y", {"authorization": f"Basic {basic}"}))
    assert login.admits(digest(login, "p:1"))


def test_a_wrong_password_an_old_nonce_or_nothing_at_all_is_refused() -> None:
    login = Login("duty", "p:1")
    assert not login.admits(Request("PLAY", "rtsp://x/y"))
    assert not login.admits(Request("PLAY", "rtsp://x/y", {"authorization": "Basic !!"}))
    assert not login.admits(digest(login, "wrong"))
    assert not login.admits(digest(login, "p:1", nonce="old"))
