# SPDX-License-Identifier: Apache-2.0
"""What comes over the talk socket, read from pieces of any size and from nonsense."""

import contextlib
import json
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedao.voice import g711, talk_wire
from jiedao.voice.talk_wire import BadFrame, Frames, Release, Sound, Stop, Told

PCM = np.arange(g711.FRAME_SAMPLES, dtype=np.int16) - 80


def frame(kind: bytes, body: bytes = b"") -> bytes:
    return (1 + len(body)).to_bytes(4, "big") + kind + body


def sound(sequence: int) -> bytes:
    return frame(b"S", sequence.to_bytes(4, "big") + PCM.astype("<i2").tobytes())


def shown(told: Told) -> object:
    """A frame in a form that can be compared."""
    return (told.sequence, told.pcm.tolist()) if isinstance(told, Sound) else told


STORY = sound(0) + sound(1) + frame(b"E") + frame(b"X")
TOLD = [(0, PCM.tolist()), (1, PCM.tolist()), Release(), Stop()]


@given(st.lists(st.integers(1, len(STORY)), max_size=12))
def test_frames_are_read_from_pieces_of_any_size(cuts: list[int]) -> None:
    frames, told, at = Frames(), [], 0
    for cut in [*sorted(cuts), len(STORY)]:
        told += [shown(one) for one in frames.feed(STORY[at:cut])]
        at = max(at, cut)
    assert told == TOLD


@given(st.lists(st.binary(max_size=400), max_size=8))
def test_no_bytes_upset_the_reader(pieces: list[bytes]) -> None:
    frames = Frames()
    with contextlib.suppress(BadFrame):
        for piece in pieces:
            for told in frames.feed(piece):
                assert isinstance(told, Sound | Release | Stop)


@given(st.binary(max_size=60))
def test_no_line_upsets_the_reader_of_requests(line: bytes) -> None:
    with contextlib.suppress(BadFrame):
        assert isinstance(talk_wire.read_request(line), UUID)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\xff\xff\xff\xff",
        b"\0\0\0\0",
        frame(b"S", b"\0" * 20),
        frame(b"E", b"?"),
        frame(b"?"),
    ],
)
def test_what_no_stream_process_sends_is_refused(nonsense: bytes) -> None:
    with pytest.raises(BadFrame):
        list(Frames().feed(nonsense))


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b'{"talk": 7}', b'{"talk": "x"}', b"\xff"])
def test_a_request_that_names_no_talk_is_refused(line: bytes) -> None:
    with pytest.raises(BadFrame):
        talk_wire.read_request(line)


def test_a_request_names_the_talk() -> None:
    talk = uuid4()
    assert talk_wire.read_request(json.dumps({"talk": str(talk)}).encode()) == talk


def test_news_is_one_frame_of_json() -> None:
    data = talk_wire.news(kind="over", who="值班员")
    assert int.from_bytes(data[:4], "big") == len(data) - 4
    assert data[4:5] == b"N"
    assert json.loads(data[5:]) == {"kind": "over", "who": "值班员"}
