# SPDX-License-Identifier: Apache-2.0
"""RTP packets of H.264: what a receiver puts together again is what was sent."""

import struct
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from jiedao.sim.camera.rtp import RtpSender, interleaved, nal_units, payloads

A_SPS, A_PPS = b"\x67\x42\x00\x1f", b"\x68\xce\x01"


def put_together(packets: list[bytes]) -> list[bytes]:
    """A receiver written from RFC 6184, not from the sender."""
    nals: list[bytes] = []
    for payload in packets:
        kind = payload[0] & 0x1F
        if kind == 24:
            at = 1
            while at < len(payload):
                (size,) = struct.unpack_from(">H", payload, at)
                nals.append(payload[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind == 28:
            if payload[1] & 0x80:
                nals.append(bytes([payload[0] & 0xE0 | payload[1] & 0x1F]))
            nals[-1] += payload[2:]
        else:
            nals.append(payload)
    return nals


@given(st.lists(st.binary(min_size=1, max_size=5000), min_size=1, max_size=6))
def test_every_unit_arrives_whole_whatever_its_size(bodies: list[bytes]) -> None:
    nals = [A_SPS, A_PPS, *(b"\x65" + body for body in bodies)]
    packets = list(payloads(nals, together=2, limit=1400))
    assert all(len(packet) <= 1400 for packet in packets)
    assert put_together(packets) == nals


def test_only_the_last_packet_of_a_picture_carries_the_marker() -> None:
    packets = list(RtpSender().packets_of([b"\x65" + bytes(4000)], timestamp=7))
    assert [packet[1] >> 7 for packet in packets] == [0, 0, 1]
    assert {struct.unpack_from(">I", packet, 4)[0] for packet in packets} == {7}


def test_sequence_numbers_rise_by_one_and_wrap() -> None:
    sender = RtpSender(ssrc=1, sequence=0xFFFF)
    packets = list(sender.packets_of([b"\x65" + bytes(2000)], timestamp=2**32 + 5))
    assert [struct.unpack_from(">H", packet, 2)[0] for packet in packets] == [0xFFFF, 0]
    assert struct.unpack_from(">I", packets[0], 4) == (5,)


def test_a_sender_report_ties_the_stream_to_the_wall_clock() -> None:
    sender = RtpSender(ssrc=9)
    report = sender.report(datetime(1970, 1, 1, 0, 0, 0, 500_000, UTC), timestamp=90_000)
    kind, words, ssrc, seconds, part, timestamp = struct.unpack_from(">xBHIIII", report)
    assert (kind, words, ssrc) == (200, 6, 9)
    assert (seconds, part, timestamp) == (2_208_988_800, 2**31, 90_000)
    assert len(report) % 4 == 0


def test_start_codes_of_three_and_four_bytes_are_told_apart_from_the_units() -> None:
    assert nal_units(b"\0\0\0\1\x67a\0\0\1\x68b\0\0\0\1\x65c") == (b"\x67a", b"\x68b", b"\x65c")
    assert nal_units(b"") == ()


def test_an_interleaved_packet_says_its_channel_and_length() -> None:
    assert interleaved(3, b"abc") == b"$\x03\x00\x03abc"
