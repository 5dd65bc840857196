# SPDX-License-Identifier: Apache-2.0
"""From the picture that first shows a crossing to its event at an independent client.

One drawn scene is coded once and served over RTSP to many sessions, each a camera of its own. The
clock starts when the simulated camera sends the picture in which the foot point first lies beyond
the line (its own truth file) and stops when a client that listens on the bus has read the sealed
record. The media process with its shards is held on one core; everything else is on the others.
"""

import argparse
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid4

import psycopg

from bench.report import conclude, percentile
from bench.stage import as_role, standing_with
from jiedao.main.standing import Platform

TARGETS = {"event_latency_s_p50": ("<=", 0.4), "event_latency_s_p99": ("<=", 1.0)}
SETTLE_S = 8.0
LATEST_S = 5.0
CUE_S = 45.0


@dataclass
class Scene:
    """The running simulator: its port, its truth, its line for cues."""

    process: "subprocess.Popen[str]"
    port: int
    truth: Path

    def cue(self, variant: str) -> None:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"mount": "bridge", "cue": "crossing", "variant": variant}) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        assert answer["ok"], answer

    def crossings(self) -> list[float]:
        """When pictures with a step towards the water were sent, monotonic seconds."""
        lines = self.truth.read_text().splitlines() if self.truth.exists() else []
        rows = (json.loads(line) for line in lines)
        return [
            row["sent_monotonic_s"]
            for row in rows
            if row["kind"] == "crossing" and row["heading"][1] < 0
        ]


@contextmanager
def running_scene(folder: Path) -> Iterator[Scene]:
    truth = folder / "truth.jsonl"
    command = [sys.executable, "-m", "jiedao.sim.camera", "--scene", "bridge=bridge"]
    process = subprocess.Popen(
        [*command, "--truth", str(truth)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    stdout: IO[str] | None = process.stdout
    assert stdout is not None
    try:
        yield Scene(process, json.loads(stdout.readline())["rtsp_port"], truth)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.wait(10)


@dataclass
class Client:
    """Listens on the bus and notes when it has read each camera's event."""

    dsn: str
    seen: list[tuple[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._link = psycopg.connect(self.dsn, autocommit=True)
        self._link.execute("listen jiedao")
        self._position = self._read("select coalesce(max(position), 0) from trace_seal")[0][0]

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self._link.execute(query, values).fetchall()

    def listen(self, for_s: float) -> None:
        """Read what is announced for a while."""
        end_s = time.monotonic() + for_s
        while (left_s := end_s - time.monotonic()) > 0:
            for _ in self._link.notifies(timeout=min(left_s, 0.2), stop_after=1):
                pass
            self._take()

    def _take(self) -> None:
        rows = self._read(
            "select s.position, m.camera_id from trace_seal s join trace_record r on"
            " r.id = s.record_id join matters_matter m on m.id = r.matter_id where s.position > %s"
            " and r.verb in ('matter.reported', 'matter.repeated') order by s.position",
            self._position,
        )
        now_s = time.monotonic()
        for position, camera in rows:
            self._position = position
            self.seen.append((str(camera), now_s))


def register(platform: Platform, port: int, sessions: int) -> list[UUID]:
    """The packs, one place, and the cameras, armed with the scene's own zones."""
    as_role(platform, "jiedao_system")
    from jiedao.base.actor import system  # noqa: PLC0415
    from jiedao.base.clock import SystemClock  # noqa: PLC0415
    from jiedao.base.database import transact  # noqa: PLC0415
    from jiedao.cameras.models import Camera  # noqa: PLC0415
    from jiedao.catalog.store import load_packs, shipped_packs  # noqa: PLC0415
    from jiedao.town.models import Place  # noqa: PLC0415

    zones = Path(__file__).parents[1] / "server/jiedao/sim/packs/bridge.zones.json"
    plan = json.loads(zones.read_text("utf-8"))
    with transact(system("bench"), SystemClock()) as tx:
        load_packs(tx, shipped_packs())
        place = Place.objects.create(
            code="B1",
            kind="site",
            name="桥下",
            path="/b/1/",
            lon=114,
            lat=22,
            valid_from=date(2020, 1, 1),
        )
        return [
            Camera.objects.create(
                id=uuid4(),
                code=f"B-{n}",
                name=f"桥下 {n}",
                kind=Camera.GROUND,
                place=place,
                place_path=place.path,
                host="127.0.0.1",
                port=port,
                path="/bridge",
                armed=True,
                zones=plan,
                demo=True,
            ).id
            for n in range(sessions)
        ]


def pin_media(platform: Platform, core: int) -> None:
    """Hold the media process, and the shards that it starts, on one core."""
    ready = json.loads((platform.settings.data_dir / "run" / "media.ready").read_text())
    for task in Path(f"/proc/{ready['pid']}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


def media_cpu_s(platform: Platform) -> float:
    """Processor seconds that the media process and its living shards have used."""
    ready = json.loads((platform.settings.data_dir / "run" / "media.ready").read_text())
    parent = Path(f"/proc/{ready['pid']}")
    shards = (parent / "task" / str(ready["pid"]) / "children").read_text().split()
    ticks = 0
    for pid in (str(ready["pid"]), *shards):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def wait_until_watched(platform: Platform, cameras: int, timeout_s: float = 60.0) -> None:
    """Return once every camera is live and its first pictures were judged."""
    end_s = time.monotonic() + timeout_s
    with psycopg.connect(platform.database.admin_dsn(platform.database.name)) as link:
        link.autocommit = True
        query = "select count(*) from cameras_health where state = 'live' and analysed > 10"
        while time.monotonic() < end_s:
            row = link.execute(query).fetchone()
            if row is not None and row[0] >= cameras:
                return
            select.select([], [], [], 0.2)
    raise TimeoutError("not every camera came to life")


def latencies(
    crossings: list[float], seen: list[tuple[str, float]], cameras: list[UUID]
) -> list[float]:
    """For each crossing and camera the time to its first event; what is missing is infinite."""
    found = []
    for sent_s in crossings:
        for camera in cameras:
            times = [
                at - sent_s
                for name, at in seen
                if name == str(camera) and 0 <= at - sent_s < LATEST_S
            ]
            found.append(min(times, default=float("inf")))
    return found


def blindness(platform: Platform) -> tuple[float, int]:
    """The worst camera's share of unjudged pictures, and how many pictures were dropped in all."""
    with psycopg.connect(platform.database.admin_dsn(platform.database.name)) as link:
        row = link.execute(
            "select max(blindness), sum(dropped + skipped) from cameras_health"
        ).fetchone()
    return (float(row[0]), int(row[1])) if row else (1.0, 0)


def sent_to_captured_s(platform: Platform, scene: Scene) -> float:
    """How long after the true crossing the picture was taken in which the rule saw it, median."""
    rows = (json.loads(line) for line in scene.truth.read_text().splitlines())
    sent = [
        datetime.fromisoformat(row["sent_at"])
        for row in rows
        if row["kind"] == "crossing" and row["heading"][1] < 0
    ]
    with psycopg.connect(platform.database.admin_dsn(platform.database.name)) as link:
        query = "select captured_at from signals_signal where kind = 'fence.crossing'"
        captured = [row[0] for row in link.execute(query)]
    gaps = [min((at - one for one in sent), key=abs) for at in captured]
    return percentile([gap.total_seconds() for gap in gaps], 0.5) if gaps else float("inf")


def stages(platform: Platform) -> dict[str, float]:
    """Where the time goes, medians over all signals of crossings, in seconds."""
    query = """
        select percentile_cont(0.5) within group
                 (order by extract(epoch from received_at - captured_at)),
               percentile_cont(0.5) within group
                 (order by extract(epoch from taken_at - received_at)),
               percentile_cont(0.5) within group (order by (facts->>'decided_s')::float)
          from signals_signal where kind = 'fence.crossing'"""
    with psycopg.connect(platform.database.admin_dsn(platform.database.name)) as link:
        row = link.execute(query).fetchone()
    names = ("captured_to_kept_s_p50", "kept_to_taken_s_p50", "captured_to_decided_s_p50")
    return {n: round(float(v), 3) for n, v in zip(names, row or (), strict=False) if v is not None}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--sessions", type=int, default=12)
    options.add_argument("--crossings", type=int, default=3)
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        standing_with("pulse", "media") as platform,
        running_scene(Path(folder)) as scene,
    ):
        pin_media(platform, max(os.sched_getaffinity(0)))
        cameras = register(platform, scene.port, given.sessions)
        wait_until_watched(platform, given.sessions)
        client = Client(platform.database.dsn_for("jiedao_stream"))
        used_s, began_s = media_cpu_s(platform), time.monotonic()
        client.listen(SETTLE_S)
        for _ in range(given.crossings):
            before = len(scene.crossings())
            scene.cue("hurry")
            end_s = time.monotonic() + CUE_S
            while len(scene.crossings()) == before and time.monotonic() < end_s:
                client.listen(0.1)
            client.listen(LATEST_S)
        found = latencies(scene.crossings(), client.seen, cameras)
        worst, dropped = blindness(platform)
        cpu_share = (media_cpu_s(platform) - used_s) / (time.monotonic() - began_s)
        where = stages(platform)
        where["sent_to_captured_s_p50"] = round(sent_to_captured_s(platform, scene), 3)
    figures = {
        "event_latency_s_p50": round(percentile(found, 0.5), 3),
        "event_latency_s_p99": round(percentile(found, 0.99), 3),
        "event_latency_s_max": round(max(found), 3),
        "events": float(len(found)),
        "sessions": float(given.sessions),
        **where,
        "media_cpu_percent_per_camera": round(100 * cpu_share / given.sessions, 2),
        "blindness_worst": round(worst, 4),
        "pictures_dropped": float(dropped),
    }
    data = (
        f"drawn scene bridge, seed 1, {given.sessions} sessions, {given.crossings} crossings each"
    )
    return conclude("latency", data, figures, TARGETS, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
