# SPDX-License-Identifier: Apache-2.0
"""SIP messages: what comes off the wire is read once, and nothing but BadMessage is raised."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedao.voice.sip import (
    BadMessage,
    Request,
    Response,
    Uri,
    parse,
    parse_address,
    parse_uri,
    spelled,
)

RINGING = (
    b"SIP/2.0 180 Ringing\r\n"
    b"v: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKabc\r\n"
    b'f: "Desk" <sip:jiedao@10.0.0.1>;tag=one\r\n'
    b"t: <sip:speaker-001@10.0.0.2>;tag=two\r\n"
    b"i: call-1\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"Subject: first\r\n second\r\n"
    b"l: 0\r\n\r\n"
)


def test_a_response_is_read_with_compact_and_folded_headers() -> None:
    message = parse(RINGING)
    assert isinstance(message, Response)
    assert (message.status, message.reason) == (180, "Ringing")
    assert (message.call_id, message.cseq, message.branch) == (
        "call-1",
        (7, "INVITE"),
        "z9hG4bKabc",
    )
    assert (message.sender.tag, message.receiver.tag) == ("one", "two")
    assert message.header("subject") == "first second"


def test_what_is_written_reads_back_the_same() -> None:
    message = parse(RINGING)
    again = parse(message.format())
    assert isinstance(again, Response)
    assert [h for h in again.headers if h[0] != "content-length"] == [
        h for h in message.headers if h[0] != "content-length"
    ]


def test_a_body_is_cut_where_its_length_says() -> None:
    message = parse(RINGING.replace(b"l: 0", b"l: 3") + b"abcdef")
    assert message.body == b"abc"


def test_a_body_without_a_length_is_the_rest_of_the_datagram() -> None:
    assert parse(RINGING.replace(b"l: 0\r\n", b"") + b"abc").body == b"abc"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"SIP/2.0 180", b"SIP/2.0 80"),
        (b"SIP/2.0 180", b"HTTP/1.1 200"),
        (b"CSeq: 7 INVITE", b"CSeq: seven INVITE"),
        (b"CSeq: 7 INVITE", b"X: y"),
        (b"i: call-1", b"i: "),
        (b"v: SIP/2.0/UDP 10.0.0.1:5060", b"v: nonsense"),
        (b"<sip:speaker-001@10.0.0.2>", b"<tel:110>"),
        (b"<sip:speaker-001@10.0.0.2>", b"<sip:speaker-001@10.0.0.2:99999>"),
        (b"l: 0", b"l: 5"),
        (b"l: 0", b"l: -1"),
        (b"l: 0", b"l: \xd9\xa3"),
        (b"Subject: first", b"Sub ject: first"),
        (b"Subject: first", b"Subject: fi\x00rst"),
        (b"Subject: first", b"Subject: \xff\xfe"),
        (b"\r\n\r\n", b"\r\n"),
    ],
)
def test_a_broken_message_is_refused(was: bytes, becomes: bytes) -> None:
    with pytest.raises(BadMessage):
        parse(RINGING.replace(was, becomes))


def test_a_request_whose_cseq_counts_another_method_is_refused() -> None:
    with pytest.raises(BadMessage):
        parse(RINGING.replace(b"SIP/2.0 180 Ringing", b"BYE sip:a@b SIP/2.0"))


def test_too_long_and_too_many_are_refused() -> None:
    with pytest.raises(BadMessage):
        parse(RINGING + b"x" * 70_000)
    with pytest.raises(BadMessage):
        parse(RINGING.replace(b"l: 0", b"a: b\r\n" * 300 + b"l: 0"))


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_bad_message(data: bytes) -> None:
    with contextlib.suppress(BadMessage):
        parse(data)


@given(st.data())
def test_no_damage_to_a_message_raises_anything_but_bad_message(data: st.DataObject) -> None:
    damaged = bytearray(RINGING)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    with contextlib.suppress(BadMessage):
        message = parse(bytes(damaged))
        _ = message.branch, message.cseq, message.sender, message.receiver, message.format()


TOKEN = st.text("abcdefghijklmnopqrstuvwxyzABCDEFG0123456789-.!%*_+`'~", min_size=1, max_size=12)
VALUE = st.text(st.characters(min_codepoint=33, max_codepoint=0x4FFF), max_size=30)


@given(TOKEN, st.lists(st.tuples(TOKEN, VALUE), max_size=5), st.binary(max_size=200))
def test_every_message_we_can_write_reads_back(
    method: str, extra: list[tuple[str, str]], body: bytes
) -> None:
    taken = {"via", "from", "to", "call-id", "cseq", "content-length"} | set("efciklmstv")
    headers = (
        ("via", "SIP/2.0/UDP a:1;branch=b"),
        ("from", "<sip:a@b>;tag=1"),
        ("to", "<sip:c@d>"),
        ("call-id", "x"),
        ("cseq", f"1 {method}"),
        *((k.lower(), v.strip()) for k, v in extra if k.lower() not in taken),
    )
    request = Request(headers, body, method, "sip:c@d")
    again = parse(request.format())
    assert isinstance(again, Request)
    assert (again.method, again.uri, again.body) == (method, "sip:c@d", body)
    assert again.headers[:-1] == request.headers


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("sip:a@b", Uri("a", "b")),
        ("SIP:a:secret@b.cn:5070", Uri("a", "b.cn", 5070)),
        ("sip:10.1.2.3;transport=udp", Uri("", "10.1.2.3", 0, "sip", ";transport=udp")),
        ("sips:a@[2001:db8::1]:5061", Uri("a", "[2001:db8::1]", 5061, "sips")),
    ],
)
def test_addresses_are_read(text: str, uri: Uri) -> None:
    assert parse_uri(text) == uri


@pytest.mark.parametrize("text", ["", "a@b", "sip:", "sip:a@b:port", "sip:a b@c", "sip:水@b"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadMessage):
        parse_uri(text)


def test_a_name_may_hold_what_an_address_may_not() -> None:
    address = parse_address('"Horn; <9>, \\"east\\"" <sip:a@b;x=y>;tag=t;expires=3')
    assert (address.uri.user, address.tag) == ("a", "t")


def test_headers_are_spelled_as_people_know_them() -> None:
    assert [spelled(n) for n in ("call-id", "cseq", "content-type", "www-authenticate")] == [
        "Call-ID",
        "CSeq",
        "Content-Type",
        "WWW-Authenticate",
    ]
