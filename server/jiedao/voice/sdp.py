# SPDX-License-Identifier: Apache-2.0
"""Session descriptions (RFC 4566) as far as one A-law stream needs them."""

import re
from dataclasses import dataclass

PCMA = 8


class BadDescription(ValueError):
    """No description we can send sound to."""


@dataclass(frozen=True, slots=True)
class Media:
    """Where the peer takes sound, and whether it sends sound back (its monitor)."""

    host: str
    port: int
    rtcp_port: int
    returns_sound: bool


def offer(host: str, port: int, session: int) -> bytes:
    """One A-law stream both ways, 20 ms a packet, its RTCP on the next port."""
    lines = [
        "v=0",
        f"o=jiedao {session} 1 IN IP4 {host}",
        "s=announcement",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {PCMA}",
        f"a=rtpmap:{PCMA} PCMA/8000",
        "a=ptime:20",
        f"a=rtcp:{port + 1}",
        "a=sendrecv",
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def parse_answer(body: bytes) -> Media:
    """What the peer's answer agreed to.

    Raises:
        BadDescription: no A-law audio in it, or it is closed, or has no address.
    """
    host, direction = "", "sendrecv"
    port = rtcp_port = 0
    in_audio = seen_audio = False
    for line in body.decode(errors="replace").splitlines():
        key, _equals, value = line.partition("=")
        value = value.strip()
        if key == "m":
            in_audio = not seen_audio and value.startswith("audio ")
            if in_audio:
                seen_audio, port = True, _audio_port(value)
            continue
        if seen_audio and not in_audio:
            continue
        if key == "c":
            host = _connection(value)
        elif key == "a" and value in ("sendrecv", "sendonly", "recvonly", "inactive"):
            direction = value
        elif key == "a" and in_audio and (found := re.match(r"rtcp:([0-9]{1,5})\b", value)):
            rtcp_port = int(found[1])
    if not port or not host:
        raise BadDescription("no audio that can be sent to")
    if direction in ("sendonly", "inactive"):
        raise BadDescription("the loudspeaker does not take sound")
    if not 0 < rtcp_port <= 65_535:
        rtcp_port = min(port + 1, 65_535)
    return Media(host, port, rtcp_port, direction == "sendrecv")


def _audio_port(value: str) -> int:
    found = re.fullmatch(r"audio ([0-9]{1,5})(?:/[0-9]+)? RTP/AVPF? ([0-9 ]+)", value)
    if not found or str(PCMA) not in found[2].split() or int(found[1]) > 65_535:
        raise BadDescription("no A-law audio")
    return int(found[1])


def _connection(value: str) -> str:
    found = re.fullmatch(r"IN IP4 ([0-9.]{7,15})(?:/.*)?", value)
    if not found:
        raise BadDescription("no IPv4 address")
    return found[1]
