# SPDX-License-Identifier: Apache-2.0
"""A line between camera and viewer fails as it is told, and is good again when it is mended."""

import asyncio
import json
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from jiedao.sim.camera.line import lines_of, obey
from jiedao.sim.camera.proxy import NTP_AHEAD_S, Line, LineFault, Stream, messages, skewed
from jiedao.sim.camera.rtp import RtpSender, interleaved

KEY, PLAIN = b"\x65" + b"k" * 3000, b"\x41" + b"p" * 500
SETS = (b"\x67sps", b"\x68pps")


def pictures(count: int, *, group: int = 5) -> Iterator[tuple[int, list[bytes]]]:
    """Each picture's time and its packets, as the simulated camera sends them."""
    sender = RtpSender(sequence=7)
    for number in range(count):
        key = number % group == 0
        nals = (*SETS, KEY + bytes([number])) if key else (PLAIN + bytes([number]),)
        stamp = number * 3600
        yield stamp, list(sender.packets_of(nals, stamp, 2 if key else 0))


def sent(stream: Stream, packets: list[bytes], fault: LineFault | None = None) -> list[bytes]:
    return [out for packet in packets for out in stream.take(packet, fault)]


def test_a_good_line_passes_every_picture_on_as_it_is() -> None:
    stream = Stream()
    for stamp, packets in pictures(12):
        out = sent(stream, packets)
        assert [p[12:] for p in out] == [p[12:] for p in packets]
        assert {int.from_bytes(p[4:8], "big") for p in out} == {stamp}


def test_packets_are_numbered_without_a_hole_whatever_is_shown() -> None:
    stream, numbers = Stream(), []
    for number, (_, packets) in enumerate(pictures(20)):
        fault = LineFault.FREEZE if 8 <= number < 14 else None
        numbers += [int.from_bytes(p[2:4], "big") for p in sent(stream, packets, fault)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_frozen_line_shows_the_last_key_picture_with_times_that_go_on() -> None:
    stream = Stream()
    for number, (stamp, packets) in enumerate(pictures(14)):
        out = sent(stream, packets, LineFault.FREEZE if number >= 8 else None)
        if number >= 8:
            shown = b"".join(p[12:] for p in out)
            assert shown.endswith(bytes([5]))
            assert {int.from_bytes(p[4:8], "big") for p in out} == {stamp}


def test_garbage_keeps_the_heads_and_loses_the_pictures() -> None:
    stream = Stream()
    _, packets = next(pictures(1))
    out = sent(stream, packets, LineFault.GARBAGE)
    assert [p[12:14] for p in out] == [p[12:14] for p in packets]
    assert all(p[14:] != q[14:] for p, q in zip(out, packets, strict=True))


def test_another_stream_goes_on_in_time_where_the_first_was_left() -> None:
    stream, stamps = Stream(), []
    for _, packets in pictures(5):
        stamps += [int.from_bytes(p[4:8], "big") for p in sent(stream, packets)]
    stream.change()
    for _, packets in pictures(3):
        out = [p for packet in packets for p in stream.take(packet, None, other=True)]
        stamps += [int.from_bytes(p[4:8], "big") for p in out]
    assert sorted(set(stamps)) == [number * 3600 for number in range(8)]


def test_a_skewed_clock_is_an_hour_ahead_and_nothing_else_is_touched() -> None:
    report = struct.pack(">BBHIIIIII", 0x80, 200, 6, 1, 1_000_000, 2, 3, 4, 5)
    wrong = skewed(report)
    assert int.from_bytes(wrong[8:12], "big") == 1_000_000 + NTP_AHEAD_S
    assert (wrong[:8], wrong[12:]) == (report[:8], report[12:])
    assert skewed(b"\x80\xcb\0\1xxxx") == b"\x80\xcb\0\1xxxx"


def test_replies_and_packets_are_told_apart() -> None:
    reply = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nbody"

    async def read() -> list[tuple[int | None, bytes]]:
        reader = asyncio.StreamReader()
        reader.feed_data(reply + interleaved(0, b"picture") + interleaved(1, b"report") + reply)
        reader.feed_eof()
        all_of_them = messages(reader)
        return [await anext(all_of_them) for _ in range(4)]

    assert asyncio.run(read()) == [(None, reply), (0, b"picture"), (1, b"report"), (None, reply)]


def told(command: object) -> dict[str, Any]:
    lines = {"a": Line(("127.0.0.1", 9), "a", "b")}
    return asyncio.run(obey(lines, json.dumps(command)))


def test_the_answer_to_a_command_says_when_the_fault_began() -> None:
    answer = told({"mount": "a", "fault": "freeze"})
    assert (answer["ok"], answer["fault"]) == (True, "freeze")
    assert answer["began_s"] > 0


@pytest.mark.parametrize(
    "command", [{"mount": "b", "fault": "freeze"}, {"mount": "a", "fault": "x"}, {}, [], "a"]
)
def test_a_command_that_cannot_be_carried_out_is_answered(command: object) -> None:
    assert told(command)["ok"] is False


def test_an_address_that_cannot_be_read_is_refused() -> None:
    class Options:
        to, mount = "nowhere", ["a=b"]

    with pytest.raises(ValueError, match="invalid literal"):
        lines_of(Options())  # type: ignore[arg-type]  # stands in for parsed arguments


def test_a_rebooting_camera_refuses_and_comes_back_at_the_same_port() -> None:
    async def story() -> tuple[int, int, bool]:
        line = Line(("127.0.0.1", 9), "a", "a")
        before = await line.listen()
        await line.fail(LineFault.REBOOT)
        refused = False
        try:
            await asyncio.open_connection("127.0.0.1", before)
        except ConnectionRefusedError:
            refused = True
        over = await line.mend()
        assert over.ended_s >= over.began_s
        after = line.port
        await line.close()
        return before, after, refused

    before, after, refused = asyncio.run(story())
    assert (before == after, refused) == (True, True)
