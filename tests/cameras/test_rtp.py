# SPDX-License-Identifier: Apache-2.0
"""What a camera sends becomes pictures again, whole or not at all; what it says is read bounded."""

import struct
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from jiedao.cameras.address import CameraAddress, check_address
from jiedao.cameras.errors import CameraGarbled, CameraUnsupported
from jiedao.cameras.rtp import MOST_BYTES, Depacketizer, Picture, Times, TooLarge, report_of
from jiedao.cameras.rtsp import answer_to, parse_description
from jiedao.sim.camera.rtp import RtpSender

START = b"\0\0\0\1"
SPS, PPS = b"\x67sps", b"\x68pps"
KEY, PLAIN = b"\x65" + bytes(range(256)) * 20, b"\x41" + b"p" * 300


def packets(sender: RtpSender, stamp: int, *nals: bytes, together: int = 0) -> list[bytes]:
    return list(sender.packets_of(nals, stamp, together))


def pictures(codec: str, *sent: bytes) -> list[Picture]:
    stream = Depacketizer(codec)
    return [one for packet in sent for one in stream.take(memoryview(packet))]


def test_a_key_picture_in_fragments_comes_out_as_it_went_in() -> None:
    sent = packets(RtpSender(), 1000, SPS, PPS, KEY, together=2)
    assert len(sent) > 3
    (one,) = pictures("h264", *sent)
    assert one == Picture(START + SPS + START + PPS + START + KEY, 0, key=True)


def test_times_rise_over_the_wrap_of_their_32_bits() -> None:
    sender = RtpSender()
    sent = [p for n in range(4) for p in packets(sender, (0xFFFFFFFF - 5000 + n * 3600), PLAIN)]
    assert [one.ticks for one in pictures("h264", *sent)] == [0, 3600, 7200, 10800]


def test_a_picture_with_a_hole_is_let_go_and_the_next_one_is_not() -> None:
    sender = RtpSender()
    first, second = packets(sender, 0, KEY), packets(sender, 3600, PLAIN)
    assert [one.ticks for one in pictures("h264", first[0], *first[2:], *second)] == [3600]


def test_a_camera_that_forgets_the_marker_is_understood() -> None:
    sender = RtpSender()
    sent = packets(sender, 0, PLAIN) + packets(sender, 3600, PLAIN)
    unmarked = [p[:1] + bytes([p[1] & 0x7F]) + p[2:] for p in sent]
    (one,) = pictures("h264", *unmarked)
    assert one.data == START + PLAIN


def head(sequence: int, *, last: bool = True, extra: int = 0x80) -> bytes:
    return struct.pack(">BBHII", extra, (0x80 if last else 0) | 96, sequence, 7, 9)


def test_h265_in_fragments_together_and_alone() -> None:
    unit = bytes([19 << 1, 1]) + b"k" * 30
    fragments = [
        head(1, last=False) + bytes([49 << 1, 1, 0x80 | 19]) + unit[2:12],
        head(2) + bytes([49 << 1, 1, 0x40 | 19]) + unit[12:],
    ]
    assert pictures("hevc", *fragments) == [Picture(START + unit, 0, key=True)]
    sps = bytes([33 << 1, 1]) + b"sps"
    both = b"".join(struct.pack(">H", len(u)) + u for u in (sps, unit))
    assert pictures("hevc", head(1) + bytes([48 << 1, 1]) + both) == [
        Picture(START + sps + START + unit, 0, key=True)
    ]
    plain = bytes([1 << 1, 1]) + b"p"
    assert pictures("hevc", head(1) + plain) == [Picture(START + plain, 0, key=False)]


def test_extensions_and_padding_are_no_part_of_the_picture() -> None:
    body = struct.pack(">HH", 0xBEDE, 1) + b"ext!" + PLAIN + b"\0\0\3"
    assert pictures("h264", head(1, extra=0xB0) + body)[0].data == START + PLAIN


@pytest.mark.parametrize("packet", [b"", b"\x80", b"\x00" * 20])
def test_what_is_no_packet_is_refused(packet: bytes) -> None:
    with pytest.raises(ValueError, match="RTP"):
        pictures("h264", packet)


def test_a_picture_without_end_is_refused() -> None:
    body = b"\x41" + b"x" * 60_000
    endless = [head(n, last=False) + body for n in range(MOST_BYTES // 60_000 + 2)]
    with pytest.raises(TooLarge):
        pictures("h264", *endless)


def test_a_sender_report_tells_the_cameras_own_time() -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    sender = RtpSender()
    told = report_of(memoryview(sender.report(at, 12345)))
    assert told == (at.timestamp(), 12345)
    assert report_of(memoryview(sender.goodbye())) is None


def test_pictures_in_order_are_decoded_when_they_are_shown() -> None:
    times = Times()
    assert [times.of(n * 3600) for n in range(3)] == [(0, 0), (3600, 3600), (7200, 7200)]


def test_pictures_that_come_sorted_are_shown_in_order_and_never_before_they_are_decoded() -> None:
    times = Times()
    order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11]
    made = [times.of(n * 3600) for n in order]
    decoded = [dts for _pts, dts in made]
    assert decoded == sorted(set(decoded))
    assert all(pts >= dts for pts, dts in made)
    shown = [n for _pts, n in sorted(zip((p for p, _ in made[4:]), order[4:], strict=True))]
    assert shown == sorted(order[4:])


def described(*lines: str) -> str:
    return "\r\n".join(["v=0", "s=x", *lines, ""])


def test_the_first_video_that_we_take_is_chosen_with_its_parameters() -> None:
    text = described(
        "m=audio 0 RTP/AVP 0",
        "a=control:track1",
        "m=video 0 RTP/AVP 96",
        "a=rtpmap:96 H264/90000",
        "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z3Nwcw==,aHBwcw==",
        "a=control:track2",
    )
    offer = parse_description(text, "rtsp://c/live/", "c")
    assert (offer.codec, offer.track) == ("h264", "rtsp://c/live/track2")
    assert offer.sets == START + SPS + START + PPS


def test_parameters_that_cannot_be_read_are_as_good_as_none() -> None:
    text = described(
        "m=video 0 RTP/AVP 96",
        "a=rtpmap:96 H265/90000",
        "a=fmtp:96 sprop-vps=%%%;sprop-sps=;sprop-pps=!",
        "a=control:*",
    )
    offer = parse_description(text, "rtsp://c/live", "c")
    assert (offer.codec, offer.sets, offer.track) == ("hevc", b"", "rtsp://c/live")


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["a=control:*"], CameraGarbled),
        (["m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"], CameraUnsupported),
        (["m=video 0 RTP/AVP 26", "a=rtpmap:26 JPEG/90000"], CameraUnsupported),
    ],
)
def test_what_we_do_not_take_is_named(lines: list[str], fault: type[Exception]) -> None:
    with pytest.raises(fault):
        parse_description(described(*lines), "rtsp://c/live", "c")


@pytest.fixture
def address() -> CameraAddress:
    networks = (ip_network("127.0.0.0/8"),)
    return check_address("127.0.0.1", 5540, "/live", networks, login="op", password="geheim")


def test_each_request_is_signed_for_what_it_asks(address: CameraAddress) -> None:
    asked = 'Digest realm="c", nonce="n", qop="auth"'
    one, other = (
        answer_to(asked, address, method, "rtsp://c/live") for method in ("SETUP", "PLAY")
    )
    assert one != other
    assert "geheim" not in one
    assert answer_to("Basic realm=c", address, "PLAY", "x") == "Basic b3A6Z2VoZWlt"
