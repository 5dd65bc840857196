# SPDX-License-Identifier: Apache-2.0
"""Just enough SIP, SDP, RTP and G.711 for a loudspeaker that answers calls."""

import hashlib
import re
import struct
from collections.abc import Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
FRAME = 160
RATE_HZ = 8000
REALM = "loudspeakers"


@dataclass(frozen=True, slots=True)
class Ask:
    """A SIP request or response: its first line and its headers by lower-case name."""

    first: str
    headers: dict[str, list[str]]
    body: str

    @property
    def method(self) -> str:
        return self.first.partition(" ")[0]

    @property
    def account(self) -> str:
        """The user part of the request's address: which loudspeaker is meant."""
        return user_of(self.first)

    def one(self, name: str) -> str:
        return self.headers.get(name, [""])[0]

    @property
    def call_id(self) -> str:
        return self.one("call-id")


def read(data: bytes) -> Ask | None:
    """One datagram, or None where it is no SIP."""
    text = data.decode("utf-8", "replace")
    head, _blank, body = text.partition("\r\n\r\n")
    first, _end, rest = head.partition("\r\n")
    headers: dict[str, list[str]] = {}
    for line in rest.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), []).append(value.strip())
    if "SIP/2.0" not in first or not all(k in headers for k in ("via", "call-id", "cseq")):
        return None
    return Ask(first, headers, body)


def answer(ask: Ask, status: str, tag: str, extra: str = "", body: str = "") -> bytes:
    """The bytes of an answer. `extra` is whole header lines, each with its line end."""
    to = ask.one("to")
    if status[:3] != "100" and ";tag=" not in to:
        to += f";tag={tag}"
    vias = "".join(f"Via: {via}\r\n" for via in ask.headers["via"])
    return (
        f"SIP/2.0 {status}\r\n{vias}From: {ask.one('from')}\r\nTo: {to}\r\n"
        f"Call-ID: {ask.call_id}\r\nCSeq: {ask.one('cseq')}\r\n{extra}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def user_of(address: str) -> str:
    """The user part of an address header, "" where it has none."""
    found = re.search(r"sips?:([^@;>\s]+)@", address)
    return found[1] if found else ""


def proves(ask: Ask, accounts: Set[str], password: str, nonce: str) -> bool:
    """Whether the request carries a right digest (SHA-256 or MD5, qop=auth) for our nonce."""
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', ask.one("authorization")))
    account = given.get("username", "")
    if given.get("nonce") != nonce or account not in accounts:
        return False
    name = "sha256" if given.get("algorithm") == "SHA-256" else "md5"

    def h(text: str) -> str:
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    who, what = h(f"{account}:{REALM}:{password}"), h(f"{ask.method}:{given.get('uri', '')}")
    middle = f"{nonce}:{given.get('nc', '')}:{given.get('cnonce', '')}:auth"
    return given.get("response") == h(f"{who}:{middle}:{what}")


def sound_address(sdp: str) -> tuple[str, int] | None:
    """Where the caller's sound comes from and where it takes ours; None without A-law."""
    host = re.search(r"c=IN IP4 ([0-9.]+)", sdp)
    media = re.search(r"m=audio ([0-9]+) RTP/AVP([0-9 ]+)", sdp)
    if not host or not media or "8" not in media[2].split():
        return None
    return host[1], int(media[1])


def description(host: str, port: int, *, monitor: bool) -> str:
    """Our own session description."""
    way = "sendrecv" if monitor else "recvonly"
    return (
        f"v=0\r\no=horn 1 1 IN IP4 {host}\r\ns=horn\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:20\r\na={way}\r\n"
    )


def rtp(sequence: int, timestamp: int, ssrc: int, payload: bytes) -> bytes:
    return struct.pack("!BBHII", 0x80, 8, sequence & 0xFFFF, timestamp, ssrc) + payload


def receiver_report(own_ssrc: int, ssrc: int, lost: int, highest: int) -> bytes:
    """RTCP: how many of the sender's packets never came."""
    head = struct.pack("!BBHI", 0x81, 201, 7, own_ssrc)
    return head + struct.pack("!IIIIII", ssrc, lost & 0xFFFFFF, highest & 0xFFFFFFFF, 0, 0, 0)


def _expand(code: int) -> int:
    """One A-law byte to a 16-bit sample, as ITU-T G.711 table 1a lists it."""
    code ^= 0x55
    chord, step = (code >> 4) & 7, code & 15
    size = (2 * step + 1) << 3 if chord == 0 else (2 * step + 33) << (chord + 2)
    return size if code & 0x80 else -size


_TABLE = np.array([_expand(code) for code in range(256)], np.int16)


def decode(alaw: bytes) -> Pcm:
    """int16 samples of A-law bytes."""
    return _TABLE[np.frombuffer(alaw, np.uint8)]
