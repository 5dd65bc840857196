# SPDX-License-Identifier: Apache-2.0
"""RTSP 1.0 messages as values: requests in, answers out, the session description."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    503: "Service Unavailable",
}
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN"


class Malformed(ValueError):
    """The bytes are not an RTSP request."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks; header names are lower case."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def sequence(self) -> str:
        return self.headers.get("cseq", "0")

    @property
    def body_length(self) -> int:
        text = self.headers.get("content-length", "0")
        if not text.isdecimal():
            raise Malformed("Content-Length is not a number")
        return int(text)

    @property
    def mount(self) -> str:
        """The first part of the address's path: the name of the camera."""
        return urlsplit(self.url).path.strip("/").split("/")[0]


def parse_request(head: bytes) -> Request:
    """Read the lines before the empty one.

    Raises:
        Malformed: not RTSP/1.0, or not text.
    """
    try:
        first, *rest = head.decode("utf-8").split("\r\n")
        method, url, version = first.split(" ")
    except (UnicodeDecodeError, ValueError) as error:
        raise Malformed("not a request line") from error
    if version != "RTSP/1.0":
        raise Malformed("not RTSP/1.0")
    headers = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return Request(method, url, headers)


def answer(
    request: Request, status: int, headers: Mapping[str, str] | None = None, body: str = ""
) -> bytes:
    """The bytes of a reply to a request."""
    lines = [f"RTSP/1.0 {status} {REASONS[status]}", f"CSeq: {request.sequence}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@dataclass(frozen=True, slots=True)
class Channels:
    """The two channel numbers of an interleaved stream."""

    rtp: int
    rtcp: int


def wanted_channels(transport: str) -> Channels | None:
    """The first interleaved TCP transport a client offers, or None if it offers none."""
    for offer in transport.split(","):
        parts = [part.strip() for part in offer.split(";")]
        if parts[0].upper() != "RTP/AVP/TCP":
            continue
        numbers = next((p.split("=")[1] for p in parts if p.startswith("interleaved=")), "0-1")
        low, _, high = numbers.partition("-")
        if not low.isdecimal() or (high and not high.isdecimal()):
            return None
        rtp = int(low)
        rtcp = int(high) if high else rtp + 1
        return Channels(rtp, rtcp) if max(rtp, rtcp) < 256 else None
    return None


def description(name: str, sps: bytes, pps: bytes, fps: float, payload_type: int) -> str:
    """The session description of an H.264 camera with one video track."""
    sets = ",".join(base64.b64encode(unit).decode() for unit in (sps, pps))
    coding = f"packetization-mode=1;profile-level-id={sps[1:4].hex()};sprop-parameter-sets={sets}"
    return "\r\n".join(
        [
            "v=0",
            "o=- 1 1 IN IP4 127.0.0.1",
            f"s={name}",
            "c=IN IP4 0.0.0.0",
            "t=0 0",
            "a=control:*",
            "a=range:npt=now-",
            f"m=video 0 RTP/AVP {payload_type}",
            f"a=rtpmap:{payload_type} H264/90000",
            f"a=fmtp:{payload_type} {coding}",
            f"a=framerate:{fps:g}",
            "a=control:track1",
            "",
        ]
    )
