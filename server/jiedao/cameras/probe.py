# SPDX-License-Identifier: Apache-2.0
"""Asks a camera what it offers before the media library is let near it.

One RTSP DESCRIBE, spoken by ourselves: it names the fault exactly. That the media library is sent
nowhere else afterwards is the work of the hop.
"""

import hashlib
import re
import socket
from base64 import b64encode
from dataclasses import dataclass

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

LONGEST_ANSWER = 64 * 1024
CODECS = ("H264", "H265")
_STATUS = re.compile(r"RTSP/1\.\d (\d{3})")
_PARAMETER = re.compile(r'(\w+)="?([^",]*)"?')


@dataclass(frozen=True, slots=True)
class Answer:
    """A parsed RTSP answer; header names in lower case, the strongest challenge kept."""

    status: int
    headers: dict[str, str]
    body: str


def probe(address: CameraAddress, timeout_s: float = 3.0) -> None:
    """Return if the camera offers a stream we take; raise the named fault if not.

    Raises:
        CameraUnreachable, CameraSilent, CameraHungUp, CameraGarbled, CameraRedirects,
        CameraRefusedLogin, CameraHasNoSuchStream, CameraUnsupported.
    """
    where = address.authority
    try:
        line = socket.create_connection((str(address.host), address.port), timeout_s)
    except OSError as error:
        raise CameraUnreachable(address=where) from error
    with line:
        try:
            answer = _describe(line, address, 1, "")
            if answer.status == 401 and address.login:
                proof = authorization(answer.headers.get("www-authenticate", ""), address)
                answer = _describe(line, address, 2, proof)
        except TimeoutError as error:
            raise CameraSilent(address=where) from error
        except OSError as error:
            raise CameraHungUp(address=where) from error
    _judge(answer, where)


def _describe(line: socket.socket, address: CameraAddress, number: int, proof: str) -> Answer:
    request = [
        f"DESCRIBE {address.public_url} RTSP/1.0",
        f"CSeq: {number}",
        "Accept: application/sdp",
        "User-Agent: jiedao",
        *([f"Authorization: {proof}"] if proof else []),
    ]
    line.sendall(("\r\n".join(request) + "\r\n\r\n").encode())
    return _read_answer(line, address.authority)


def _read_answer(line: socket.socket, where: str) -> Answer:
    buffer = b""
    while b"\r\n\r\n" not in buffer:
        buffer += _more(line, buffer, where)
    head, _, body = buffer.partition(b"\r\n\r\n")
    status, headers = parse_head(head, where)
    length = headers.get("content-length", "0")
    wanted = int(length) if length.isdecimal() and len(length) < 8 else 0
    while len(body) < wanted:
        body += _more(line, body, where)
    return Answer(status, headers, body.decode("utf-8", "replace"))


def _more(line: socket.socket, so_far: bytes, where: str) -> bytes:
    if len(so_far) > LONGEST_ANSWER or (len(so_far) > 8 and not so_far.isascii()):
        raise CameraGarbled(address=where)
    piece = line.recv(8192)
    if not piece:
        raise CameraHungUp(address=where)
    return piece


def parse_head(head: bytes, where: str) -> tuple[int, dict[str, str]]:
    """Status and headers of an RTSP answer.

    Raises:
        CameraGarbled: it is no RTSP answer.
    """
    lines = head.decode("latin-1").split("\r\n")
    match = _STATUS.match(lines[0])
    if not match:
        raise CameraGarbled(address=where)
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        # Several challenges may be offered; Digest is kept before Basic.
        if name not in headers or value.lower().startswith("digest"):
            headers[name] = value
    return int(match[1]), headers


def authorization(challenge: str, address: CameraAddress) -> str:
    """The answer to a camera's challenge for DESCRIBE: Digest (MD5, as cameras ask) or Basic."""
    scheme, _, rest = challenge.partition(" ")
    if scheme.lower() != "digest":
        return "Basic " + b64encode(f"{address.login}:{address.password}".encode()).decode()
    asked = {name.lower(): value for name, value in _PARAMETER.findall(rest)}
    realm, nonce = asked.get("realm", ""), asked.get("nonce", "")
    secret = _md5(f"{address.login}:{realm}:{address.password}")
    request = _md5(f"DESCRIBE:{address.public_url}")
    parts = {
        "username": address.login,
        "realm": realm,
        "nonce": nonce,
        "uri": address.public_url,
    }
    if "auth" in asked.get("qop", "").split(","):
        count, own = "00000001", _md5(nonce)[:16]
        proof = _md5(f"{secret}:{nonce}:{count}:{own}:auth:{request}")
        extra = f', qop=auth, nc={count}, cnonce="{own}"'
    else:
        proof, extra = _md5(f"{secret}:{nonce}:{request}"), ""
    named = ", ".join(f'{name}="{value}"' for name, value in parts.items())
    return f'Digest {named}, response="{proof}"{extra}'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _judge(answer: Answer, where: str) -> None:
    if 300 <= answer.status < 400:
        raise CameraRedirects(address=where)
    if answer.status in (401, 403):
        raise CameraRefusedLogin(address=where)
    if answer.status in (404, 454):
        raise CameraHasNoSuchStream(address=where)
    if answer.status >= 500:
        raise CameraUnreachable(address=where)
    if answer.status != 200 or "m=" not in answer.body:
        raise CameraGarbled(address=where)
    offered = re.findall(r"^a=rtpmap:\d+ ([A-Za-z0-9-]+)/90000", answer.body, re.M)
    if "m=video" not in answer.body or not any(name.upper() in CODECS for name in offered):
        raise CameraUnsupported(address=where, why=", ".join(offered) or "video?")
