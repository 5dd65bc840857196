# SPDX-License-Identifier: Apache-2.0
"""Cameras that fail: found, back, and every missing second accounted for.

A few drawn cameras reach the media process through lines that fail on request (a process of its
own that knows nothing of the platform). Each is recorded and watched. In every round a line begins
a fault, and is mended once it was found or 12 s have passed. The clock of "found" runs from the
line's own word to the health row as a client reads it, that of "back" from the mending. Afterwards
the recorded files are decoded, and the clock that is burned into the drawn pictures tells which
seconds are really in them; the gap rows have to say the same. Left out: radio links, and faults of
the lens, which the tests of tamper hold.
"""

import argparse
import itertools
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import numpy as np
import psycopg

from bench.latency import register
from bench.report import conclude, percentile
from bench.stage import standing_with
from jiedao.cameras.watching import luma_of
from jiedao.main.standing import Platform
from jiedao.sim.camera.stamp import read_ms_of_day

FOUND_S, BACK_S, GAP_S = 10.0, 15.0, 1.0
FAULTS = ("freeze", "halfopen", "garbage", "reboot", "drip", "resize")
LONGEST_FAULT_S, SETTLE_S, POLL_S = 12.0, 6.0, 0.1
WARM_S = 90.0
DAY_S = 86_400.0
TARGETS = {
    "found_share": (">=", 1.0),
    "back_share": (">=", 1.0),
    "found_s_max": ("<=", FOUND_S),
    "back_s_max": ("<=", BACK_S),
    "gaps_right_share": (">=", 1.0),
    "false_gaps": ("<=", 0.0),
}


@dataclass
class Round:
    """One fault of one camera. Times are seconds since the epoch; None: not in time."""

    fault: str
    began_s: float
    ended_s: float = 0.0
    found_s: float | None = None
    back_s: float | None = None


@dataclass
class Lines:
    """The running lines, and the one way to speak to them."""

    process: "subprocess.Popen[str]"
    ports: dict[str, int]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, camera: str, fault: str | None) -> dict[str, Any]:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        with self._lock:
            stdin.write(json.dumps({"mount": camera, "fault": fault}) + "\n")
            stdin.flush()
            answer: dict[str, Any] = json.loads(stdout.readline())
        assert answer["ok"], answer
        return answer


@contextmanager
def child(*command: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """A program of the simulator with what it says at its start; it ends with its input."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it tells of every connection that is cut
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(20)


def draw_other(path: Path) -> None:
    """Ten seconds of another picture size, no two pictures alike."""
    noise = np.random.default_rng(3).integers(0, 60, (272, 480), dtype=np.uint8)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 480, 272, "yuv420p"
        for number in range(120):
            planes = np.full((408, 480), 128, np.uint8)
            planes[:272] = 90 + np.roll(noise, number * 3, axis=1)
            picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, 12)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))


class Watcher:
    """Reads the health rows, as any client may."""

    def __init__(self, dsn: str) -> None:
        self._link = psycopg.connect(dsn, autocommit=True)
        self._lock = threading.Lock()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._link.execute(query, values).fetchall()

    def state(self, camera: UUID) -> str:
        found = self.rows("select state from cameras_health where camera_id = %s", camera)
        return str(found[0][0]) if found else ""

    def wait(self, camera: UUID, wanted: bool, at_most_s: float) -> float | None:
        """When the camera was (or was not) live, seconds since the epoch; None if not in time."""
        end_s = time.monotonic() + at_most_s
        pause = threading.Event()
        while time.monotonic() < end_s:
            if (self.state(camera) == "live") is wanted:
                return time.time()
            pause.wait(POLL_S)
        return None


def play(
    lines: Lines, watcher: Watcher, name: str, camera: UUID, rounds: int, until_s: float
) -> list[Round]:
    """The rounds of one camera, each with another fault; fewer where the time is over."""
    chance = random.Random(int(name))  # noqa: S311  # no secret
    order = list(itertools.islice(itertools.cycle(FAULTS), int(name), int(name) + rounds))
    pause, done = threading.Event(), []
    for fault in order:
        if time.monotonic() > until_s:
            break
        # Somewhere in the group of pictures, never in step with the others.
        pause.wait(SETTLE_S + chance.random() * 2)
        one = Round(fault, lines.tell(name, fault)["began_s"])
        if fault == "resize":
            # Such a stream is opened again within a second: its recording shows that it was seen.
            pause.wait(6.0)
        else:
            one.found_s = watcher.wait(camera, False, LONGEST_FAULT_S)
            pause.wait(1 + chance.random() * 2)
        one.ended_s = lines.tell(name, None)["ended_s"]
        one.back_s = watcher.wait(camera, True, BACK_S + 5)
        done.append(one)
    pause.wait(SETTLE_S)
    return done


def seconds_shown(file: Path, began_s: float, width: int) -> Iterator[tuple[float, int]]:
    """When each picture of a recorded file was really taken, and its width.

    Drawn pictures say it themselves; those of the other size go by the file's times.
    """
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        first: float | None = None
        for packet in container.demux(stream):
            try:
                pictures = packet.decode()
            except av.error.FFmpegError:
                continue
            for picture in pictures:
                first = picture.time if first is None else first
                if picture.width != width:
                    yield began_s + picture.time - first, picture.width
                    continue
                ms = read_ms_of_day(luma_of(picture))
                if ms is not None:
                    yield nearest_day(ms / 1000, began_s), picture.width


def nearest_day(second_of_day: float, near_s: float) -> float:
    """The moment with this time of day that lies nearest."""
    return near_s + (second_of_day - near_s + DAY_S / 2) % DAY_S - DAY_S / 2


def holes(times: Sequence[float]) -> list[tuple[float, float]]:
    """Spans of more than a second without a new picture."""
    rising = sorted(times)
    return [(a, b) for a, b in itertools.pairwise(rising) if b - a > GAP_S]


@dataclass
class Account:
    """What the gap rows of a camera are worth.

    Attributes:
        errors: for each true gap its begin and by how much the row beside it errs, in seconds.
        false: rows that tell of no true gap.
    """

    errors: list[tuple[float, float]] = field(default_factory=list)
    false: int = 0


def compare(true: list[tuple[float, float]], told: list[tuple[float, float]]) -> Account:
    """Hold true gaps against told ones, each told one used once."""
    found, left = Account(), list(told)
    for began, ended in true:
        near = [row for row in left if row[0] < ended + GAP_S and row[1] > began - GAP_S]
        if not near:
            # A hole hardly longer than what is not told need not be told.
            found.errors.append((began, max(0.0, ended - began - GAP_S)))
            continue
        best = min(near, key=lambda row: abs(row[0] - began) + abs(row[1] - ended))
        left.remove(best)
        found.errors.append((began, max(abs(best[0] - began), abs(best[1] - ended))))
    found.false = len(left)
    return found


def account(watcher: Watcher, folder: Path, camera: UUID, rounds: list[Round]) -> Account:
    """Hold a camera's gap rows against what its recorded files show."""
    times: list[float] = []
    widths: list[tuple[float, int]] = []
    files = watcher.rows(
        "select file, extract(epoch from from_at) from cameras_segment where camera_id = %s",
        camera,
    )
    for name, began_s in files:
        shown = list(seconds_shown(folder / name, float(began_s), 640))
        times += [at for at, _ in shown]
        widths += shown
    told = watcher.rows(
        "select extract(epoch from from_at), extract(epoch from to_at) from cameras_gap"
        " where camera_id = %s",
        camera,
    )
    for one in rounds:
        if one.fault == "resize":
            seen = [at for at, width in widths if width != 640 and at > one.began_s - 1]
            one.found_s = min(seen, default=None)
    return compare(holes(times), [(float(a), float(b)) for a, b in told])


def judged(rounds: dict[UUID, list[Round]], accounts: dict[UUID, Account]) -> dict[str, float]:
    played = [one for each in rounds.values() for one in each]
    found = [r.found_s - r.began_s for r in played if r.found_s is not None]
    back = [r.back_s - r.ended_s for r in played if r.back_s is not None]
    errors = [error for one in accounts.values() for _, error in one.errors]
    late = float("inf")
    figures = {
        "rounds": float(len(played)),
        "found_share": sum(s <= FOUND_S for s in found) / max(1, len(played)),
        "found_s_p50": percentile(found, 0.5) if found else late,
        "found_s_max": max(found) if len(found) == len(played) else late,
        "back_share": sum(s <= BACK_S for s in back) / max(1, len(played)),
        "back_s_p50": percentile(back, 0.5) if back else late,
        "back_s_max": max(back) if len(back) == len(played) else late,
        "true_gaps": float(len(errors)),
        "gaps_right_share": sum(e <= GAP_S for e in errors) / max(1, len(errors)),
        "gap_error_s_max": max(errors, default=0.0),
        "false_gaps": float(sum(one.false for one in accounts.values())),
    }
    for fault in FAULTS:
        took = [r.found_s - r.began_s for r in played if r.fault == fault and r.found_s]
        figures[f"found_s_max_{fault}"] = max(took, default=0.0)
        figures[f"gap_error_s_max_{fault}"] = max(
            (
                error
                for camera, one in accounts.items()
                for began, error in one.errors
                if _cause(rounds[camera], began) == fault
            ),
            default=0.0,
        )
    return figures


def _cause(rounds: list[Round], began_s: float) -> str:
    """The fault that was played when a gap began."""
    near = [r.fault for r in rounds if r.began_s - 3 <= began_s <= (r.back_s or r.ended_s) + 3]
    return near[0] if near else ""


def run(
    platform: Platform, folder: Path, cameras: int, rounds: int, most_s: float
) -> dict[str, float]:
    other = folder / "other.mp4"
    draw_other(other)
    scene = ["jiedao.sim.camera", "--scene", "bridge=bridge", "--file", f"small={other}"]
    with child(*scene) as (_, camera):
        mounts = [f"--mount={n}=bridge,small" for n in range(cameras)]
        to = f"--to=127.0.0.1:{camera['rtsp_port']}"
        with child("jiedao.sim.camera.line", to, *mounts) as (process, ready):
            lines = Lines(process, ready["ports"])
            ids = register(platform, camera["rtsp_port"], cameras)
            watcher = Watcher(platform.database.admin_dsn(platform.database.name))
            for number, one in enumerate(ids):
                port = lines.ports[str(number)]
                placed = "update cameras_camera set port = %s, recorded = true where id = %s"
                watcher.rows(f"{placed} returning 1", port, one)
            for one in ids:
                if watcher.wait(one, True, WARM_S) is None:
                    raise TimeoutError("a camera did not come to life")
            return measure(platform, lines, watcher, ids, rounds, time.monotonic() + most_s)


def measure(
    platform: Platform,
    lines: Lines,
    watcher: Watcher,
    ids: list[UUID],
    rounds: int,
    until_s: float,
) -> dict[str, float]:
    played: dict[UUID, list[Round]] = {}

    def work(number: int, camera: UUID) -> None:
        played[camera] = play(lines, watcher, str(number), camera, rounds, until_s)

    threads = [
        threading.Thread(target=work, args=(number, camera)) for number, camera in enumerate(ids)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The segments that are still open are told when recording ends.
    watcher.rows("update cameras_camera set recorded = false returning 1")
    threading.Event().wait(SETTLE_S)
    folder = platform.settings.recording_dir
    accounts = {camera: account(watcher, folder, camera, played[camera]) for camera in ids}
    standing = watcher.rows(
        "select count(*) from matters_matter where item like 'camera_%%' and closed_at is null"
    )[0][0]
    return judged(played, accounts) | {"device_matters_left_open": float(standing)}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--cameras", type=int, default=8)
    options.add_argument("--rounds", type=int, default=100, help="in all")
    options.add_argument("--most-s", type=float, default=400.0, help="begin no round after this")
    given = options.parse_args()
    each = -(-given.rounds // given.cameras)
    with tempfile.TemporaryDirectory() as folder, standing_with("pulse", "media") as platform:
        figures = run(platform, Path(folder), given.cameras, each, given.most_s)
    data = f"drawn scene bridge, {given.cameras} cameras, {figures['rounds']:g} faults in turn"
    targets = {**TARGETS, "rounds": (">=", float(given.rounds))}
    return conclude("cameras", data, figures, targets, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
