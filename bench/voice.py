# SPDX-License-Identifier: Apache-2.0
"""From a committed announcement to sound at ninety loudspeakers: `python -m bench.voice [--json]`.

Start: COMMIT of the asking transaction has returned. In between: the real pulse and voice
processes. End: what the simulated loudspeakers, one other process, note of the first packet and
of the first voiced one, and the sound that they kept. Left out: a real network and real horns;
both ends share this machine. The alternative measured in the same run is one loudspeaker alone.
"""

import argparse
import os
import time
from datetime import datetime
from pathlib import Path
from uuid import UUID

from tests.voice.horns import Horns, Line, running_horns

from bench.report import conclude, percentile
from bench.stage import as_role, standing_with
from jiedao.base.blobs import BlobStore
from jiedao.base.clock import SystemClock
from jiedao.main.standing import Platform

TEXT = "桥下水深危险，请立即离开水边。"
ALONE = 5
OVER_S = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loudspeakers", type=int, default=90)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    number = given.loudspeakers
    with standing_with("voice", "pulse") as platform:
        as_role(platform, "jiedao_system")
        folder = platform.settings.data_dir / "horns"
        folder.mkdir()
        with running_horns(folder, "--count", str(number)) as horns:
            figures = measure(platform, horns, number)
    return conclude(
        "voice",
        f"{number} simulated loudspeakers at once, after {ALONE} times one alone, on loopback;"
        " commit to first packet and first voiced packet; real network and horns left out",
        figures,
        {
            "first_packet_s_p95": ("<=", 1.0),
            "start_spread_ms": ("<=", 50.0),
            "failed": ("==", 0.0),
            "packets_lost": ("==", 0.0),
            "heard_match_min": (">=", 0.99),
            "one_alone_voiced_s_max": ("<=", 1.0),
        },
        as_json=given.json,
    )


def measure(platform: Platform, horns: Horns, number: int) -> dict[str, float]:
    """Speak at one alone a few times, then at all of them together."""
    speakers = install(horns.port, number)
    alone: list[float] = []
    for _ in range(ALONE):
        committed_at, (asked,) = ask(speakers[:1])
        (row,) = wait_over([asked])
        line = horns.wait_for("ended", len(alone) + 1)[-1]
        alone.append(seconds(committed_at, line["first_voiced_at"]))
        assert row[1] == "played", row
    before = horns.lines("ended")
    voice_pid, busy_s, begin_s = pid_of(platform, "voice"), 0.0, time.monotonic()
    busy_s -= cpu_s(voice_pid)
    asking_s = time.monotonic()
    committed_at, asked_ids = ask(speakers)
    asking_s = time.monotonic() - asking_s
    rows = wait_over(asked_ids)
    busy_s += cpu_s(voice_pid)
    took_s = time.monotonic() - begin_s
    lines = horns.wait_for("ended", len(before) + sum(row[1] == "played" for row in rows))
    return {
        **figures_of(lines[len(before) :], committed_at),
        **matches(platform, rows, lines[len(before) :]),
        "failed": float(sum(row[1] != "played" for row in rows)),
        "ask_ms": asking_s * 1000,
        "voice_process_cores": busy_s / took_s,
        "one_alone_voiced_s_p50": percentile(alone, 0.5),
        "one_alone_voiced_s_max": max(alone),
    }


def install(port: int, number: int) -> list[UUID]:
    """So many loudspeakers, as rows."""
    from jiedao.base.actor import system  # noqa: PLC0415  # needs Django set up
    from jiedao.base.database import transact  # noqa: PLC0415
    from jiedao.voice.models import Loudspeaker  # noqa: PLC0415

    with transact(system("bench"), SystemClock()):
        rows = [
            Loudspeaker(
                code=f"B{n:03d}",
                name=f"{n} 号喇叭",
                place_path="/",
                lon=120.0,
                lat=30.0 + n / 1000,
                sip_account=f"speaker-{n:03d}",
                sip_host="127.0.0.1",
                sip_port=port,
            )
            for n in range(1, number + 1)
        ]
        return [row.id for row in Loudspeaker.objects.bulk_create(rows)]


def ask(speakers: list[UUID]) -> tuple[float, list[UUID]]:
    """Ask for the same words at all of them, as one batch; when that was committed, Unix time."""
    from jiedao.base.actor import system  # noqa: PLC0415
    from jiedao.base.database import transact  # noqa: PLC0415
    from jiedao.voice import actions  # noqa: PLC0415

    with transact(system("bench"), SystemClock()) as tx:
        wide = actions.ask_many(
            tx, speakers, len(speakers), text=TEXT, phrase="water_leave", life_safety=True
        )
    asked = list(wide.asked)
    return time.time(), asked


def wait_over(asked: list[UUID]) -> list[tuple[str, str, str | None]]:
    """Account, state and rendered blob of each, once all have ended."""
    from jiedao.base.actor import system  # noqa: PLC0415
    from jiedao.base.database import transact  # noqa: PLC0415
    from jiedao.voice.models import Announcement  # noqa: PLC0415

    end_s = time.monotonic() + OVER_S
    while True:
        with transact(system("bench"), SystemClock()):
            rows = Announcement.objects.filter(id__in=asked, finished_at__isnull=False)
            done = list(rows.values_list("loudspeaker__sip_account", "state", "rendered_blob"))
        if len(done) == len(asked) or time.monotonic() > end_s:
            return done
        time.sleep(0.2)


def figures_of(lines: list[Line], committed_at: float) -> dict[str, float]:
    """What the loudspeakers noted."""
    packet = [seconds(committed_at, line["first_packet_at"]) for line in lines]
    voiced = [seconds(committed_at, line["first_voiced_at"]) for line in lines]
    return {
        "first_packet_s_p50": percentile(packet, 0.5),
        "first_packet_s_p95": percentile(packet, 0.95),
        "first_packet_s_max": max(packet),
        "first_voiced_s_max": max(voiced),
        "start_spread_ms": (max(packet) - min(packet)) * 1000,
        "packets_lost": float(sum(line["lost"] for line in lines)),
    }


def matches(
    platform: Platform, rows: list[tuple[str, str, str | None]], lines: list[Line]
) -> dict[str, float]:
    """How alike what each loudspeaker kept is to what was rendered for it."""
    from jiedao.voice.match import likeness  # noqa: PLC0415
    from jiedao.voice.wav import read_wav  # noqa: PLC0415

    blobs = BlobStore(platform.settings.blob_dir)
    rendered = {account: str(blob) for account, _state, blob in rows}
    found = [
        likeness(
            read_wav(blobs.path(rendered[line["account"]]).read_bytes()),
            read_wav(Path(line["wav"]).read_bytes()),
        )
        for line in lines
    ]
    return {"heard_match_min": min(found), "heard_match_p50": percentile(found, 0.5)}


def seconds(since: float, at: str) -> float:
    return datetime.fromisoformat(at).timestamp() - since


def pid_of(platform: Platform, name: str) -> int:
    from jiedao.base.health import read_health  # noqa: PLC0415

    run = platform.settings.data_dir / "run"
    return next(health.pid for health in read_health(run) if health.name == name)


def cpu_s(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    raise SystemExit(main())
