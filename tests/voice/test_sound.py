# SPDX-License-Identifier: Apache-2.0
"""G.711, RTP, RTCP, session descriptions and the likeness of two sounds."""

import contextlib
from datetime import UTC, datetime

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedao.voice import g711, rtp, sdp
from jiedao.voice.match import likeness


def test_a_law_is_what_ffmpegs_encoder_makes_of_every_sample() -> None:
    every = np.arange(-32768, 32768).astype(np.int16)
    codec = av.CodecContext.create("pcm_alaw", "w")
    assert isinstance(codec, av.AudioCodecContext)
    codec.sample_rate, codec.layout, codec.format = 8000, "mono", "s16"
    frame = av.AudioFrame.from_ndarray(every.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = 8000
    theirs = b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)])
    ours = g711.encode(every)
    same = np.frombuffer(ours, np.uint8) == np.frombuffer(theirs, np.uint8)
    assert np.mean(same) > 0.98
    # Encoders may differ on a sample that lies on the border of two steps, never by more.
    steps = np.sort(g711.decode(bytes(range(256))))
    ranks = [np.searchsorted(steps, g711.decode(codes)) for codes in (ours, theirs)]
    assert np.abs(ranks[0] - ranks[1]).max() == 1


def test_a_law_survives_being_decoded_and_coded_again() -> None:
    every = bytes(range(256))
    assert g711.encode(g711.decode(every)) == every


def test_sound_is_cut_into_20_ms_packets_and_the_last_is_filled_with_silence() -> None:
    sender = rtp.Sender(rtp.Clip(b"\x01" * 200), ssrc=7, sequence=0xFFFF, timestamp=0xFFFFFFFF)
    first, second = (rtp.parse(p) for p in (sender.next_packet(), sender.next_packet()) if p)
    assert first is not None
    assert second is not None
    assert (first.marker, first.sequence, len(first.payload)) == (True, 0xFFFF, 160)
    assert (second.marker, second.sequence, second.timestamp) == (False, 0, 159)
    assert second.payload == b"\x01" * 40 + g711.SILENCE * 120
    assert sender.next_packet() is None
    assert sender.done


def test_a_sender_that_is_stopped_sends_nothing_more() -> None:
    sender = rtp.Sender(rtp.Clip(b"\x01" * 1600), ssrc=7)
    sender.next_packet()
    sender.skip_rest()
    assert sender.next_packet() is None
    assert sender.packets == 1


def test_a_recorder_puts_packets_in_order_and_leaves_silence_for_lost_ones() -> None:
    recorder = rtp.Recorder()
    sender = rtp.Sender(rtp.Clip(bytes(range(1, 5)) * 160), ssrc=9, timestamp=2**32 - 160)
    packets = [rtp.parse(data) for data in iter(sender.next_packet, None)]
    for at in (0, 3, 1):
        packet = packets[at]
        assert packet is not None
        recorder.take(packet)
    heard = recorder.alaw()
    sent = bytes(range(1, 5)) * 160
    assert heard == sent[:320] + g711.SILENCE * 160 + sent[480:]
    assert recorder.packets == 3


def test_a_recorder_keeps_to_one_sender_and_one_codec() -> None:
    recorder = rtp.Recorder()
    recorder.take(rtp.Packet(0, 1, 0, 1, b"other codec"))
    recorder.take(rtp.Packet(8, 1, 0, 1, b"a"))
    recorder.take(rtp.Packet(8, 2, 1, 2, b"b"))
    assert recorder.alaw() == b"a"
    assert rtp.Recorder().alaw() == b""


@given(st.binary(max_size=60))
def test_no_bytes_upset_the_rtp_and_rtcp_readers(data: bytes) -> None:
    rtp.parse(data)
    rtp.parse_lost(data, 1)
    rtp.parse(b"\xbf\x08" + data)
    rtp.parse_lost(b"\x9f\xc9\x00\x07" + data, 1)


def test_an_rtp_packet_is_read_past_its_extras() -> None:
    head = b"\xb1\x88\x00\x01\x00\x00\x00\xa0\x00\x00\x00\x07" + b"\0\0\0\1"
    packet = rtp.parse(head + b"\xbe\xde\x00\x01abcd" + b"sound" + b"\0\0\3")
    assert packet == rtp.Packet(8, 1, 160, 7, b"sound", marker=True)


def test_a_receiver_report_tells_what_was_lost() -> None:
    ours = (5).to_bytes(4, "big")
    block = ours + b"\x10" + (12).to_bytes(3, "big") + b"\0" * 16
    assert rtp.parse_lost(b"\x81\xc9\x00\x07\0\0\0\1" + block, 5) == 12
    assert rtp.parse_lost(b"\x81\xc9\x00\x07\0\0\0\1" + block, 6) is None
    sender_report = b"\x81\xc8\x00\x0c\0\0\0\1" + b"\0" * 20 + block
    assert rtp.parse_lost(b"\x80\xca\x00\x01\0\0\0\1" + sender_report, 5) == 12


def test_our_own_sender_report_is_well_formed() -> None:
    sender = rtp.Sender(rtp.Clip(b"\x01" * 320), ssrc=7)
    sender.next_packet()
    report = sender.report(datetime(2026, 1, 1, tzinfo=UTC))
    at, kinds = 0, []
    while at < len(report):
        kinds.append(report[at + 1])
        at += 4 * (int.from_bytes(report[at + 2 : at + 4], "big") + 1)
    assert (at, kinds) == (len(report), [200, 202])


def test_an_answer_says_where_the_sound_goes() -> None:
    answer = (
        b"v=0\r\nc=IN IP4 10.0.0.1\r\na=sendrecv\r\n"
        b"m=audio 4000 RTP/AVP 0 8\r\nc=IN IP4 10.0.0.2/127\r\na=rtcp:4009\r\na=recvonly\r\n"
        b"m=video 5000 RTP/AVP 96\r\nc=IN IP4 10.0.0.3\r\na=sendrecv\r\n"
    )
    assert sdp.parse_answer(answer) == sdp.Media("10.0.0.2", 4000, 4009, returns_sound=False)


def test_our_offer_can_be_read_as_an_answer() -> None:
    assert sdp.parse_answer(sdp.offer("127.0.0.1", 4000, 1)) == sdp.Media(
        "127.0.0.1", 4000, 4001, returns_sound=True
    )


@pytest.mark.parametrize(
    "lines",
    [
        b"",
        b"c=IN IP4 10.0.0.1\nm=audio 0 RTP/AVP 8",
        b"c=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 0",
        b"c=IN IP4 10.0.0.1\nm=audio 4000 RTP/SAVP 8",
        b"c=IN IP6 ::1\nm=audio 4000 RTP/AVP 8",
        b"m=audio 4000 RTP/AVP 8",
        b"c=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 8\na=inactive",
        b"c=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 8\na=sendonly",
        b"c=IN IP4 10.0.0.1\nm=audio 99999 RTP/AVP 8",
    ],
)
def test_an_answer_without_a_place_for_sound_is_refused(lines: bytes) -> None:
    with pytest.raises(sdp.BadDescription):
        sdp.parse_answer(lines)


@given(
    st.text("mvc=audio 0123456789.RTP/AVINP48\n:a-recvsend", max_size=120), st.binary(max_size=60)
)
def test_no_answer_upsets_its_reader(text: str, more: bytes) -> None:
    for body in (text.encode(), more, sdp.offer("127.0.0.1", 4000, 1) + text.encode() + more):
        with contextlib.suppress(sdp.BadDescription):
            sdp.parse_answer(body)


def a_sound(seed: int = 1) -> g711.Pcm:
    return (np.random.default_rng(seed).normal(0, 3000, 8000)).astype(np.int16)


def test_the_same_sound_later_quieter_and_with_more_around_it_is_alike() -> None:
    heard = np.concatenate([a_sound(2)[:3000], a_sound() // 3, a_sound(3)[:500]])
    assert likeness(a_sound(), heard.astype(np.int16)) > 0.99


def test_other_sounds_silence_and_half_a_sound_are_not_alike() -> None:
    assert likeness(a_sound(), a_sound(2)) < 0.2
    assert likeness(a_sound(), np.zeros(8000, np.int16)) == 0.0
    assert likeness(np.zeros(8000, np.int16), a_sound()) == 0.0
    damaged = a_sound()
    damaged[4000:] = a_sound(2)[4000:]
    assert likeness(a_sound(), damaged) < 0.8
