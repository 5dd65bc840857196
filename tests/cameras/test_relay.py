# SPDX-License-Identifier: Apache-2.0
"""Pictures are copied, not coded again: fragments for the browser, clips for the file."""

import io
from fractions import Fraction
from typing import Any

import av
import pytest

from jiedao.cameras.relay import Fragmenter, Head, Piece, Ring, codec_string, cut_clip
from tests.cameras.fake_camera import coded_scene


def pieces_of(codec: str = "libx264", frames: int = 100, group: int = 50) -> tuple[Head, Ring]:
    """A drawn clip through the fragmenter."""
    file = io.BytesIO()
    out: Any = av.open(file, "w", format="matroska")
    stream = out.add_stream(codec, rate=25)
    stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
    stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(group)}
    if codec == "libx265":
        stream.options = {"preset": "ultrafast", "x265-params": f"keyint={group}:log-level=none"}
    for number in range(frames):
        picture = av.VideoFrame(320, 180, "yuv420p")
        picture.pts, picture.time_base = number, Fraction(1, 25)
        out.mux(stream.encode(picture))
    out.mux(stream.encode(None))
    out.close()
    file.seek(0)
    ring = Ring()
    source: Any = av.open(file)
    with source:
        track = source.streams.video[0]
        fragmenter = Fragmenter(track)
        for packet in source.demux(track):
            if not packet.size:
                continue
            done = fragmenter.push(packet, 1000 + float(packet.pts * track.time_base))
            if ring.head is None and fragmenter.head is not None:
                ring.begin(fragmenter.head)
            if done:
                ring.add(*done)
    head = ring.head
    assert head is not None
    return head, ring


def decoded(movie: bytes) -> int:
    container: Any = av.open(io.BytesIO(movie))
    with container:
        return len(list(container.decode(video=0)))


def test_the_fragments_are_a_fifth_of_a_second_and_begin_anew_at_each_key_frame() -> None:
    _, ring = pieces_of()
    _, pieces = ring.all()
    assert [piece.key for piece in pieces[:11]] == [True] + [False] * 9 + [True]
    assert pieces[1].at_s - pieces[0].at_s == pytest.approx(0.2, abs=0.05)


def test_the_init_segment_and_the_fragments_decode_to_the_same_pictures() -> None:
    head, ring = pieces_of()
    _, pieces = ring.all()
    # The last fragment is still open, so its five pictures are not in the ring yet.
    assert decoded(head.init + b"".join(piece.data for piece in pieces)) == 95


def test_the_codec_string_is_the_streams_own() -> None:
    head, _ = pieces_of()
    assert head.mime == 'video/mp4; codecs="avc1.42C00C"'
    assert (head.width, head.height) == (320, 180)


def test_h265_is_passed_on_with_its_codec_string() -> None:
    head, _ = pieces_of("libx265", frames=30)
    assert head.mime.startswith('video/mp4; codecs="hvc1.1.6.L')


def test_a_codec_that_is_neither_is_refused() -> None:
    with pytest.raises(ValueError, match="neither"):
        codec_string(b"\0\0\0\x08moov")


def test_what_comes_before_the_first_key_frame_is_left_out() -> None:
    source: Any = av.open(io.BytesIO(b"".join(c.data for c in coded_scene()[10:] + coded_scene())))
    track = source.streams.video[0]
    fragmenter = Fragmenter(track)
    for packet in source.demux(track):
        if not packet.size:
            continue
        packet.pts = packet.dts = packet.pts or 0
        fragmenter.push(packet, 1000.0)
    assert fragmenter.head is not None


def test_the_ring_keeps_half_a_minute_from_a_key_frame_on() -> None:
    ring = Ring(keep_s=30)
    for number in range(1000):
        ring.add(number % 10 == 0, 1000 + number * 0.2, b"x")
    _, pieces = ring.all()
    assert pieces[0].key
    assert 30 <= pieces[-1].at_s - pieces[0].at_s <= 33


def test_the_ring_is_bounded_in_bytes_too() -> None:
    ring = Ring(keep_bytes=1000)
    for number in range(100):
        ring.add(number % 10 == 0, 1000 + number * 0.2, bytes(100))
    _, pieces = ring.all()
    assert sum(len(piece.data) for piece in pieces) <= 1000


def test_a_new_viewer_gets_the_current_group_of_pictures() -> None:
    ring = Ring()
    for number in range(25):
        ring.add(number % 10 == 0, 1000 + number * 0.2, b"x")
    _, group = ring.now()
    assert [piece.number for piece in group] == [21, 22, 23, 24, 25]


def test_a_clip_is_a_plain_file_that_begins_at_zero_with_its_index_first() -> None:
    head, ring = pieces_of()
    _, pieces = ring.all()
    clip = cut_clip(head, pieces[10:])
    assert decoded(clip) == 45
    assert clip.find(b"moov") < clip.find(b"mdat")
    with av.open(io.BytesIO(clip)) as container:
        assert container.streams.video[0].start_time == 0


def test_a_piece_knows_its_number() -> None:
    assert Ring().add(True, 1.0, b"x") == Piece(1, True, 1.0, b"x")
