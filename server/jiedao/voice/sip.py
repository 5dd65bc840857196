# SPDX-License-Identifier: Apache-2.0
"""SIP messages (RFC 3261) from bytes to values and back. No I/O, no state.

What comes off the wire is parsed once, here, into values that cannot be wrong: a `Request` or
`Response` from `parse` has a readable Via, From, To, Call-ID and CSeq. Anything else is a
`BadMessage`, and `parse` raises nothing but that.
"""

import re
from dataclasses import dataclass

MAX_BYTES = 65_535
MAX_HEADERS = 256

_COMPACT = {
    "c": "content-type",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "s": "subject",
    "t": "to",
    "v": "via",
}
_SPELLED = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate"}
_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: (.*))?")
_REQUEST_LINE = re.compile(r"([A-Za-z0-9\-.!%*_+`'~]+) (\S+) SIP/2\.0")
_URI = re.compile(
    r"(?P<scheme>(?i:sips?)):(?:(?P<user>[^@\s<>:]*)(?::[^@\s<>]*)?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-.]+)(?::(?P<port>[0-9]{1,5}))?(?P<rest>[;?][^\s<>]*)?"
)
_VIA = re.compile(r"SIP\s*/\s*2\.0\s*/\s*[A-Za-z]+\s+([^\s;,]+)\s*((?:;[^,]*)?)", re.IGNORECASE)
_PARAM = re.compile(r';\s*([A-Za-z0-9\-._]+)\s*(?:=\s*("[^"]*"|[^;,\s"]*))?')


class BadMessage(ValueError):
    """The bytes are no SIP message that can be acted on."""


@dataclass(frozen=True, slots=True)
class Uri:
    """A sip: address. `port` is 0 where none is written; `rest` keeps parameters as written."""

    user: str
    host: str
    port: int = 0
    scheme: str = "sip"
    rest: str = ""

    def __str__(self) -> str:
        who = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}:{who}{self.host}{port}{self.rest}"


@dataclass(frozen=True, slots=True)
class Address:
    """A To, From, Contact or Record-Route value: an address and its tag, "" where it has none."""

    uri: Uri
    tag: str = ""


Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """What requests and responses share. Header names are lower case, in the order they came."""

    headers: Headers
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first header of that name, "" where there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every header of that name, as they came."""
        return tuple(value for key, value in self.headers if key == name)

    @property
    def call_id(self) -> str:
        return self.header("call-id")

    @property
    def cseq(self) -> tuple[int, str]:
        """The sequence number and the method it counts."""
        return parse_cseq(self.header("cseq"))

    @property
    def branch(self) -> str:
        """What names the transaction: the branch of the topmost Via."""
        return parse_branch(self.header("via"))

    @property
    def sender(self) -> Address:
        return parse_address(self.header("from"))

    @property
    def receiver(self) -> Address:
        return parse_address(self.header("to"))

    def _after(self, first_line: str) -> bytes:
        lines = [first_line]
        lines += [f"{spelled(k)}: {v}" for k, v in self.headers if k != "content-length"]
        lines += [f"Content-Length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode() + self.body


@dataclass(frozen=True, slots=True)
class Request(Message):
    """A question, such as INVITE."""

    method: str = ""
    uri: str = ""

    def format(self) -> bytes:
        """The bytes for the wire, with the right Content-Length."""
        return self._after(f"{self.method} {self.uri} SIP/2.0")


@dataclass(frozen=True, slots=True)
class Response(Message):
    """An answer. `status` is 100..699."""

    status: int = 0
    reason: str = ""

    def format(self) -> bytes:
        """The bytes for the wire, with the right Content-Length."""
        return self._after(f"SIP/2.0 {self.status} {self.reason}")


def spelled(name: str) -> str:
    """A header's name as it is commonly written."""
    return _SPELLED.get(name) or "-".join(part.capitalize() for part in name.split("-"))


def parse(data: bytes) -> Request | Response:
    """Read one datagram.

    Raises:
        BadMessage: it is no message, or lacks what every message must have.
    """
    if len(data) > MAX_BYTES:
        raise BadMessage("longer than a datagram")
    head, body = _split(data.lstrip(b"\r\n"))
    lines = _unfold(head)
    headers = _headers(lines[1:])
    message = _start(lines[0], headers, _cut(headers, body))
    _check(message)
    return message


def _split(data: bytes) -> tuple[str, bytes]:
    for mark in (b"\r\n\r\n", b"\n\n"):
        head, found, body = data.partition(mark)
        if found:
            try:
                return head.decode(), body
            except UnicodeDecodeError as error:
                raise BadMessage("headers are not UTF-8") from error
    raise BadMessage("the headers do not end")


def _unfold(head: str) -> list[str]:
    """Lines, with a line that begins with a blank joined to the one before it."""
    lines: list[str] = []
    for raw in head.replace("\r\n", "\n").split("\n"):
        line = raw.rstrip("\r")
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += " " + line.strip(" \t")
        else:
            lines.append(line)
    if len(lines) > MAX_HEADERS:
        raise BadMessage("too many headers")
    return lines


def _headers(lines: list[str]) -> Headers:
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.strip(" \t")
        if not colon or not _TOKEN.fullmatch(name):
            raise BadMessage("a line is no header")
        if any(ord(sign) < 32 and sign != "\t" for sign in value):
            raise BadMessage("a header holds a control sign")
        key = name.lower()
        headers.append((_COMPACT.get(key, key), value.strip(" \t")))
    return tuple(headers)


def _cut(headers: Headers, body: bytes) -> bytes:
    """The body, by Content-Length where one is given."""
    said = next((value for key, value in headers if key == "content-length"), None)
    if said is None:
        return body
    if not re.fullmatch(r"[0-9]{1,6}", said) or int(said) > len(body):
        raise BadMessage("the body is shorter than it says")
    return body[: int(said)]


def _start(line: str, headers: Headers, body: bytes) -> Request | Response:
    if answer := _STATUS_LINE.fullmatch(line):
        return Response(headers, body, int(answer[1]), answer[2] or "")
    if question := _REQUEST_LINE.fullmatch(line):
        return Request(headers, body, question[1], question[2])
    raise BadMessage("the first line is neither a request nor a status")


def _check(message: Request | Response) -> None:
    _number, method = message.cseq
    if isinstance(message, Request) and method != message.method:
        raise BadMessage("CSeq counts another method")
    if not message.call_id:
        raise BadMessage("no Call-ID")
    _ = message.branch, message.sender, message.receiver


def parse_cseq(value: str) -> tuple[int, str]:
    """Number and method of a CSeq value.

    Raises:
        BadMessage: it is none.
    """
    found = re.fullmatch(r"([0-9]{1,10})\s+([A-Za-z0-9\-.!%*_+`'~]+)", value, re.ASCII)
    if not found:
        raise BadMessage("no readable CSeq")
    return int(found[1]), found[2]


def parse_branch(via: str) -> str:
    """The branch of a Via value, "" where an old peer gives none.

    Raises:
        BadMessage: it is no Via.
    """
    found = _VIA.match(via)
    if not found:
        raise BadMessage("no readable Via")
    return parameters(found[2]).get("branch", "")


def parse_uri(text: str) -> Uri:
    """A sip: or sips: address.

    Raises:
        BadMessage: it is none, or its port is over 65,535.
    """
    found = _URI.fullmatch(text.strip()) if text.isascii() else None
    if not found or int(found["port"] or 0) > 65_535:
        raise BadMessage("no readable address")
    return Uri(
        found["user"] or "",
        found["host"],
        int(found["port"] or 0),
        found["scheme"].lower(),
        found["rest"] or "",
    )


def parse_address(value: str) -> Address:
    """A name and address, `"Horn" <sip:…>;tag=…` or bare, with its tag.

    Raises:
        BadMessage: it is none.
    """
    quoted = re.match(r'\s*(?:"(?:[^"\\]|\\.)*"|[^<"]*)\s*<([^<>]*)>(.*)', value)
    if quoted:
        return Address(parse_uri(quoted[1]), parameters(quoted[2]).get("tag", ""))
    bare, _semicolon, rest = value.partition(";")
    return Address(parse_uri(bare), parameters(";" + rest).get("tag", ""))


def parameters(text: str) -> dict[str, str]:
    """`;name=value` pairs, names in lower case, quotes taken off."""
    return {m[1].lower(): (m[2] or "").strip('"') for m in _PARAM.finditer(text)}
