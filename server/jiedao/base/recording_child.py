# SPDX-License-Identifier: Apache-2.0
"""Repacks one hostile recording inside limits; run as a program, imported by nobody.

Arguments: the container's format to read, the one to write, "audio" or "video". Nothing is
decoded. It imports nothing of the platform.
"""

import errno
import json
import os
import resource
import sys
from typing import Any

import av

MEMORY_BYTES, CPU_S, OUTPUT_BYTES = 1 << 30, 10, 64 << 20
#: Kinds that carry no words of their own inside their stream.
SOUND = ("aac", "amrnb", "amrwb", "amr_nb", "amr_wb", "flac", "mp3", "mp3float", "opus")
PICTURE = ("h264", "hevc", "av1", "libdav1d")
PACKETS = 1_000_000


class Refused(Exception):
    """The recording is not taken."""


def main() -> int:
    read_as, write_as, kind = sys.argv[1:4]
    try:
        limit()
        facts = repack(read_as, write_as, with_picture=kind == "video")
    except Exception as error:
        # Demuxers raise whatever they like on broken bytes; all of it means one thing here,
        # except a disk that is full.
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        return tell(2, refused="disk_full" if full else "unreadable")
    return tell(0, **facts)


def limit() -> None:
    """Bound memory, processor time and output, for this process only."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        resource.setrlimit(kind, (most, most))


def repack(read_as: str, write_as: str, *, with_picture: bool) -> dict[str, Any]:
    """Copy the first sound track, and the first picture track of a video."""
    av.logging.set_level(None)
    with (
        av.open(sys.stdin.buffer, format=read_as) as came,
        # bitexact: the muxer does not sign with its own name and time either.
        av.open(sys.stdout.buffer, "w", format=write_as, options={"fflags": "+bitexact"}) as kept,
    ):
        tracks = [*came.streams.audio[:1], *(came.streams.video[:1] if with_picture else ())]
        if not tracks or (with_picture and not came.streams.video):
            raise Refused
        copies: dict[int, Any] = {}
        for track in tracks:
            check(track)
            copy = kept.add_stream_from_template(track)
            copy.metadata.clear()
            copies[track.index] = copy
        if with_picture and came.streams.video[0].codec_context.height == 0:
            raise Refused
        length_s = copy_packets(came, kept, tracks, copies)
    return {"length_s": length_s, "has_picture": with_picture}


def check(track: Any) -> None:
    """Refuse kinds that are not taken."""
    name = track.codec_context.name
    if name not in SOUND + PICTURE and not name.startswith("pcm_"):
        raise Refused


def copy_packets(came: Any, kept: Any, tracks: list[Any], copies: dict[int, Any]) -> float:
    """Copy every packet that has a time; how long the longest track is, in seconds."""
    count, ends_s = 0, 0.0
    for packet in came.demux(tracks):
        if packet.dts is None:
            continue
        count += 1
        if count > PACKETS:
            raise Refused
        base = packet.time_base
        ends_s = max(ends_s, float((packet.dts + (packet.duration or 0)) * base))
        packet.stream = copies[packet.stream.index]
        kept.mux(packet)
    if not count:
        raise Refused
    return ends_s


def tell(status: int, **facts: Any) -> int:
    """One line for the parent; the demuxers' own threads may not delay the end."""
    sys.stderr.write(json.dumps(facts) + "\n")
    sys.stderr.flush()
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
