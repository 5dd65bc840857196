# SPDX-License-Identifier: Apache-2.0
"""A camera's stream, asked for and read by ourselves: RTSP over one TCP connection.

The media library would follow a redirect, trust any header and read each packet in a handful of
system calls. Here the connection goes to the address that passed the door and nowhere else, what
comes is bounded, and a whole picture is mostly one read.
"""

import hashlib
import re
import socket
import time
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections import deque
from dataclasses import dataclass
from typing import Final

from jiedao.cameras.address import CameraAddress
from jiedao.cameras.errors import (
    CameraGarbled,
    CameraHasNoSuchStream,
    CameraHungUp,
    CameraRedirects,
    CameraRefusedLogin,
    CameraSilent,
    CameraUnreachable,
    CameraUnsupported,
)
from jiedao.cameras.probe import parse_head
from jiedao.cameras.rtp import CLOCK_HZ, Depacketizer, Picture, report_of

CODECS: Final = {"H264": "h264", "H265": "hevc"}
RECEIVE_BYTES: Final = 256 * 1024
LONGEST_ANSWER: Final = 64 * 1024
KEEPALIVE_S: Final = 25.0
_PARAMETER = re.compile(r'(\w+)="?([^",]*)"?')
_START: Final = b"\0\0\0\1"


@dataclass(frozen=True, slots=True)
class Offer:
    """The video that a camera describes.

    Attributes:
        sets: its parameter sets as Annex B, if it gives them.
        track: the URL to set it up by.
    """

    codec: str
    sets: bytes
    track: str


@dataclass(slots=True)
class _Challenge:
    """What a camera asks of whoever wants something, and how often it was answered."""

    text: str = ""
    answers: int = 0


class RtspReader:
    """One connection to one camera. Used by one thread.

    Args:
        open_s: for connecting, and for each answer.
        read_s: for a whole picture; a line that drips is as good as silent.
    """

    def __init__(self, address: CameraAddress, open_s: float, read_s: float) -> None:
        self._address, self._open_s, self._read_s = address, open_s, read_s
        self._line: socket.socket | None = None
        self._left = b""
        self._room = memoryview(bytearray(RECEIVE_BYTES))
        self._ready: deque[Picture] = deque()
        self._number = 0
        self._session = ""
        self._challenge = _Challenge()
        self._channel = 0
        self._pictures: Depacketizer | None = None
        self._keep_alive_s = 0.0
        self._base_ticks: tuple[float, int] | None = None
        self._last_stamp = 0
        self.offer: Offer | None = None

    def open(self) -> Offer:
        """Ask for the stream; afterwards pictures come.

        Raises:
            CameraUnreachable, CameraSilent, CameraHungUp, CameraGarbled, CameraRedirects,
            CameraRefusedLogin, CameraHasNoSuchStream, CameraUnsupported.
        """
        where, url = self._address.authority, self._address.public_url
        try:
            self._line = socket.create_connection(
                (str(self._address.host), self._address.port), self._open_s
            )
        except OSError as error:
            raise CameraUnreachable(address=where) from error
        try:
            self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            headers, body = self._ask("DESCRIBE", url, "Accept: application/sdp")
            base = headers.get("content-base") or headers.get("content-location") or url
            self.offer = parse_description(body, base, where)
            self._pictures = Depacketizer(self.offer.codec)
            wish = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
            headers, _ = self._ask("SETUP", self.offer.track, wish)
            self._channel = _channel_of(headers.get("transport", ""))
            self._session = headers.get("session", "").partition(";")[0].strip()
            self._ask("PLAY", url, "Range: npt=0.000-")
        except TimeoutError as error:
            raise CameraSilent(address=where) from error
        except OSError as error:
            raise CameraHungUp(address=where) from error
        self._line.settimeout(self._read_s)
        self._keep_alive_s = time.monotonic() + KEEPALIVE_S
        return self.offer

    def read(self) -> Picture:
        """The next picture.

        Raises:
            CameraSilent: none in time.
            CameraHungUp: the camera ended the stream.
            CameraGarbled: what comes is neither packets nor answers.
        """
        assert self._line is not None  # noqa: S101  # it is open
        where, until_s = self._address.authority, 0.0
        try:
            while not self._ready:
                got = self._line.recv_into(self._room)
                if not got:
                    raise CameraHungUp(address=where)
                self._left += self._room[:got]
                self._sort()
                if not self._ready:
                    now_s = time.monotonic()
                    until_s = until_s or now_s + self._read_s
                    if now_s > until_s:
                        raise CameraSilent(address=where)
            if time.monotonic() > self._keep_alive_s:
                self._keep_alive()
        except TimeoutError as error:
            raise CameraSilent(address=where) from error
        except OSError as error:
            raise CameraHungUp(address=where) from error
        except ValueError as error:
            raise CameraGarbled(address=where) from error
        return self._ready.popleft()

    def close(self) -> None:
        """Say goodbye without waiting for an answer."""
        if self._line is None:
            return
        try:
            self._line.setblocking(False)
            if self._session:
                self._line.send(self._request("TEARDOWN", self._address.public_url))
        except OSError:
            pass  # It is gone already, or does not read.
        self._line.close()
        self._line = None

    def _sort(self) -> None:
        """Take whole packets and answers out of what was received."""
        assert self._pictures is not None  # noqa: S101  # it is open
        at, whole = 0, memoryview(self._left)
        end = len(whole)
        while at + 4 <= end:
            if whole[at] != 0x24:
                skip = self._answer_length(bytes(whole[at : at + LONGEST_ANSWER]))
                if skip == 0:
                    break
                at += skip
                continue
            length = int.from_bytes(whole[at + 2 : at + 4], "big")
            if at + 4 + length > end:
                break
            packet = whole[at + 4 : at + 4 + length]
            if whole[at + 1] == self._channel:
                done = self._pictures.take(packet)
                if done:
                    self._last_stamp = int.from_bytes(packet[4:8], "big")
                    self._ready += done
            elif whole[at + 1] == self._channel + 1:
                self._hear_report(packet)
            at += 4 + length
        self._left = self._left[at:]

    def _hear_report(self, packet: memoryview) -> None:
        report = report_of(packet)
        if report is not None:
            self._base_ticks = report

    def wall_s(self) -> float | None:
        """The camera's own time of the picture read last, by its reports; None without any."""
        if self._base_ticks is None:
            return None
        wall_s, stamp = self._base_ticks
        moved = (self._last_stamp - stamp + (1 << 31)) % (1 << 32) - (1 << 31)
        return wall_s + moved / CLOCK_HZ

    def _answer_length(self, data: bytes) -> int:
        """How long the answer is that stands here; 0 if it is not whole yet.

        Raises:
            ValueError: it is none, or has no end.
        """
        if not data.startswith(b"RTSP"[: len(data)]):
            raise ValueError("neither packet nor answer")
        head, found, _ = data.partition(b"\r\n\r\n")
        if not found:
            if len(data) >= LONGEST_ANSWER:
                raise ValueError("an answer without end")
            return 0
        _, headers = parse_head(head, self._address.authority)
        length = len(head) + 4 + _length_of(headers)
        return length if length <= len(data) else 0

    def _keep_alive(self) -> None:
        self._keep_alive_s = time.monotonic() + KEEPALIVE_S
        assert self._line is not None  # noqa: S101  # it is open
        self._line.sendall(self._request("GET_PARAMETER", self._address.public_url))

    def _ask(self, method: str, url: str, header: str) -> tuple[dict[str, str], str]:
        """Ask, and once more with the login if the camera wants one; headers and body."""
        for _ in range(2):
            status, headers, body = self._exchange(self._request(method, url, header))
            known = bool(self._challenge.text) and self._challenge.answers > 0
            if status != 401 or not self._address.login or (known and self._is_refused(headers)):
                break
            self._challenge = _Challenge(headers.get("www-authenticate", ""))
        _judge(status, self._address.authority)
        return headers, body

    def _is_refused(self, headers: dict[str, str]) -> bool:
        """The camera asks again for what it was just given, and not because it went stale."""
        return "stale=true" not in headers.get("www-authenticate", "").lower()

    def _exchange(self, request: bytes) -> tuple[int, dict[str, str], str]:
        assert self._line is not None  # noqa: S101  # it is open
        where, until_s = self._address.authority, time.monotonic() + self._open_s
        self._line.sendall(request)
        while True:
            while self._left[:1] == b"$" and len(self._left) >= 4:
                length = int.from_bytes(self._left[2:4], "big")
                if len(self._left) < 4 + length:
                    break
                # Some cameras play before they have answered.
                self._left = self._left[4 + length :]
            if self._left and self._left[:1] != b"$":
                try:
                    length = self._answer_length(self._left)
                except ValueError as error:
                    raise CameraGarbled(address=where) from error
                if length:
                    head, _, rest = self._left[:length].partition(b"\r\n\r\n")
                    self._left = self._left[length:]
                    status, headers = parse_head(head, where)
                    return status, headers, rest.decode("utf-8", "replace")
            if len(self._left) > RECEIVE_BYTES + LONGEST_ANSWER or time.monotonic() > until_s:
                raise CameraSilent(address=where)
            got = self._line.recv_into(self._room)
            if not got:
                raise CameraHungUp(address=where)
            self._left += self._room[:got]

    def _request(self, method: str, url: str, header: str = "") -> bytes:
        self._number += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._number}", "User-Agent: jiedao"]
        if self._session:
            lines.append(f"Session: {self._session}")
        if self._challenge.text:
            self._challenge.answers += 1
            proof = answer_to(self._challenge.text, self._address, method, url)
            lines.append(f"Authorization: {proof}")
        if header:
            lines.append(header)
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer_to(challenge: str, address: CameraAddress, method: str, url: str) -> str:
    """The login that a camera asks for: Digest (MD5, as cameras do) or Basic."""
    scheme, _, rest = challenge.partition(" ")
    if scheme.lower() != "digest":
        return "Basic " + b64encode(f"{address.login}:{address.password}".encode()).decode()
    asked = {name.lower(): value for name, value in _PARAMETER.findall(rest)}
    realm, nonce = asked.get("realm", ""), asked.get("nonce", "")
    secret = _md5(f"{address.login}:{realm}:{address.password}")
    what = _md5(f"{method}:{url}")
    given = {"username": address.login, "realm": realm, "nonce": nonce, "uri": url}
    extra = ""
    if "auth" in [one.strip() for one in asked.get("qop", "").split(",")]:
        count, own = "00000001", _md5(nonce + url)[:16]
        proof = _md5(f"{secret}:{nonce}:{count}:{own}:auth:{what}")
        extra = f', qop=auth, nc={count}, cnonce="{own}"'
    else:
        proof = _md5(f"{secret}:{nonce}:{what}")
    named = ", ".join(f'{name}="{value}"' for name, value in given.items())
    return f'Digest {named}, response="{proof}"{extra}'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def parse_description(text: str, base: str, where: str) -> Offer:
    """The first video that we take, from a session description.

    Raises:
        CameraGarbled: it is none.
        CameraUnsupported: no video, or none in a codec that we take.
    """
    if "m=" not in text:
        raise CameraGarbled(address=where)
    offered: list[str] = []
    for part in re.split(r"^m=", text, flags=re.M)[1:]:
        if not part.startswith("video"):
            continue
        names = re.findall(r"^a=rtpmap:\d+ ([A-Za-z0-9-]+)/90000", part, re.M)
        offered += names
        codec = next((CODECS[n.upper()] for n in names if n.upper() in CODECS), None)
        if codec is not None:
            control = re.search(r"^a=control:(\S+)", part, re.M)
            return Offer(codec, _sets_of(part), _track_url(base, control[1] if control else "*"))
    raise CameraUnsupported(address=where, why=", ".join(offered) or "video?")


def _track_url(base: str, control: str) -> str:
    """The URL of a track; only ever sent to the connection that stands, never dialled."""
    if control == "*":
        return base
    if re.match(r"rtsps?://", control, re.I):
        return control
    return base.rstrip("/") + "/" + control.lstrip("/")


def _sets_of(part: str) -> bytes:
    found = b""
    for name in ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets"):
        match = re.search(rf"{name}=([^;\s]+)", part)
        for one in match[1].split(",") if match else ():
            try:
                unit = b64decode(one, validate=True)
            except (NotBase64, ValueError):
                continue
            found += _START + unit if unit else b""
    return found


def _channel_of(transport: str) -> int:
    match = re.search(r"interleaved=(\d{1,3})", transport)
    return int(match[1]) if match else 0


def _length_of(headers: dict[str, str]) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() and len(length) < 6 else 0


def _judge(status: int, where: str) -> None:
    if 300 <= status < 400:
        raise CameraRedirects(address=where)
    if status in (401, 403):
        raise CameraRefusedLogin(address=where)
    if status in (404, 454):
        raise CameraHasNoSuchStream(address=where)
    if status >= 500:
        raise CameraUnreachable(address=where)
    if status == 461:
        raise CameraUnsupported(address=where, why="TCP?")
    if status != 200:
        raise CameraGarbled(address=where)
