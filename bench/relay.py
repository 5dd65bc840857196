# SPDX-License-Identifier: Apache-2.0
"""How many live streams one core relays: RTSP in, fragments of 200 ms out, nothing decoded.

A process of its own, held on one core, pulls the same coded clip in many RTSP sessions and makes
each into fragments in a ring, as a shard does. Its processor time over the wall time, divided by
the sessions, gives streams per core; the figure for a full core is extrapolated from that and so
called. Left out: decoding (key frames for stills add to it), viewers, and the simulated camera.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from fractions import Fraction
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import av
import numpy as np

from bench.report import conclude
from jiedao.base.clock import SystemClock
from jiedao.cameras.address import check_address
from jiedao.cameras.errors import CameraFault
from jiedao.cameras.pull import Arrival, Puller, RtspSource
from jiedao.cameras.relay import Fragmenter, Ring

TARGETS = {"streams_per_core_extrapolated": (">=", 700.0), "faults": ("<=", 0.0)}
WARM_S, RUN_S = 6.0, 15.0
SEED = 3


class Relay:
    """What a shard does with packets when nobody needs pictures."""

    def __init__(self) -> None:
        self.ring, self.pieces, self.faults, self.bytes = Ring(), 0, 0, 0
        self._fragmenter: Fragmenter | None = None

    def opened(self, stream: Any) -> None:
        self._fragmenter = Fragmenter(stream)

    def take(self, packet: Any, arrival: Arrival) -> None:
        assert self._fragmenter is not None
        done = self._fragmenter.push(packet, arrival.captured_s)
        self.bytes += packet.size
        if done is not None:
            self.ring.add(*done)
            self.pieces += 1

    def lost(self, fault: CameraFault) -> None:
        self.faults += 1
        print(fault, file=sys.stderr)


def draw_clip(path: Path, bitrate: int = 2_000_000) -> None:
    """Ten seconds of 720p at 25 pictures a second, one group of pictures in two seconds."""
    random = np.random.default_rng(SEED)
    noise = random.integers(0, 60, (720, 1280), dtype=np.uint8)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.bit_rate = bitrate
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "50"}
        for number in range(250):
            luma = np.full((1080, 1280), 128, np.uint8)
            luma[:720] = 90 + np.roll(noise, number * 3, axis=1)
            picture = av.VideoFrame.from_ndarray(luma, format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))


def relay_many(port: int, sessions: int) -> dict[str, float]:
    """Relay for a while; processor share of a core and what came through."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    clock, relays = SystemClock(), [Relay() for _ in range(sessions)]
    networks = (ip_network("127.0.0.0/8"),)
    address = check_address("127.0.0.1", port, "/clip", networks)
    pullers = [Puller(RtspSource(address), relay, clock) for relay in relays]
    wait = threading.Event()
    for puller in pullers:
        puller.start()
    wait.wait(WARM_S)
    cpu_s, wall_s = time.process_time(), time.monotonic()
    pieces, received = sum(r.pieces for r in relays), sum(r.bytes for r in relays)
    wait.wait(RUN_S)
    cpu_s, wall_s = time.process_time() - cpu_s, time.monotonic() - wall_s
    return {
        "core_share": cpu_s / wall_s,
        "fragments_per_s_per_stream": (sum(r.pieces for r in relays) - pieces) / wall_s / sessions,
        "mbit_per_s": (sum(r.bytes for r in relays) - received) * 8e-6 / wall_s,
        "faults": float(sum(r.faults for r in relays)),
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--sessions", type=int, default=40)
    options.add_argument("--child", type=int, default=0, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.child:
        print(json.dumps(relay_many(given.child, given.sessions)), flush=True)
        os._exit(0)
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        draw_clip(clip)
        found = _measure(clip, given.sessions)
    share = found.pop("core_share")
    figures = {
        "streams_per_core_extrapolated": round(given.sessions / share, 1),
        "core_percent_per_stream": round(100 * share / given.sessions, 3),
        "sessions": float(given.sessions),
        **{name: round(value, 2) for name, value in found.items()},
    }
    data = f"drawn 720p clip, 2 Mbit/s, seed {SEED}, {given.sessions} sessions for {RUN_S:g} s"
    return conclude("relay", data, figures, TARGETS, as_json=given.json)


def _measure(clip: Path, sessions: int) -> dict[str, float]:
    camera = subprocess.Popen(
        [sys.executable, "-m", "jiedao.sim.camera", "--file", f"clip={clip}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it tells of every session that is cut off at the end
        text=True,
    )
    assert camera.stdin is not None
    assert camera.stdout is not None
    try:
        port = json.loads(camera.stdout.readline())["rtsp_port"]
        program = [sys.executable, "-m", "bench.relay"]
        command = [*program, f"--child={port}", f"--sessions={sessions}"]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=120)
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return found
    finally:
        camera.stdin.close()
        camera.wait(10)


if __name__ == "__main__":
    sys.exit(main())
