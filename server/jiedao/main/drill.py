# SPDX-License-Identifier: Apache-2.0
"""`jiedao drill fence|stall`: how a command centre proves itself, on real processes, end to end.

Against the platform that runs on a data directory, or with --standalone on a fresh one: started
for the drill, with free ports, and stopped after it. The drill asks for its scene as the doorway
does, listens to the feed as an independent client, sits at the desk, and reads the camera's and
loudspeaker's own accounts of what was sent and heard. Workers' phones are a process of their own.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from jiedao.base.errors import BadInput
from jiedao.base.health import wait_until_ready
from jiedao.base.log import configure as configure_log
from jiedao.base.settings import Settings
from jiedao.base.words import LANGUAGES, say
from jiedao.main.demo import zones_of_scenes
from jiedao.main.drill_hands import Desk
from jiedao.main.drill_story import FenceStory, StallStory, Story
from jiedao.main.drill_watch import Follower, Tail
from jiedao.main.folders import fresh_data_dir
from jiedao.main.standing import Platform, standing
from jiedao.main.status import NotRunning, supervisor_says
from jiedao.main.steps import Stopped
from jiedao.main.trace_verify import verify_platform
from jiedao.main.up import add_settings, settings_of, stop_on_signals

READY_WITHIN_S = 60.0
TICK_S = 0.02
PHONES_PACE = 8.0
NEEDED = ("web", "stream", "pulse", "media", "voice", "sim-camera", "sim-speaker", "director")
#: How long each kind may take. A stall is reminded three times, and each time looked at.
TIMEOUT_S = {"fence": 90.0, "stall": 180.0}
ACCOUNT = {"fence": "speaker-001", "stall": "speaker-002"}


def configure(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)
    parser.add_argument("kind", choices=list(TIMEOUT_S))
    parser.add_argument("--standalone", action="store_true", help=_both("cli.drill.standalone"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--source", default="", help=_both("cli.drill.source"))
    parser.add_argument("--zones", default="", help=_both("cli.drill.zones"))
    parser.add_argument("--timeout", type=float, default=0.0, help=_both("cli.drill.timeout"))


def run(arguments: argparse.Namespace) -> int:
    if bool(arguments.source) != bool(arguments.zones):
        raise BadInput(where="--source, --zones", why="both or neither / 要同时给出")
    if arguments.source and not arguments.standalone:
        raise BadInput(where="--source", why="with --standalone / 只能和 --standalone 一起用")
    if arguments.source and arguments.kind != "fence":
        raise BadInput(where="--source", why="only drill fence / 只用于 drill fence")
    with _platform(arguments) as (settings, run_dir):
        told = None if arguments.json else _tell
        drill = Drill(settings, run_dir, arguments.kind, told=told)
        result = drill.play(arguments.timeout or TIMEOUT_S[arguments.kind])
    if arguments.json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    else:
        code = "drill.closed" if result["closed"] else "drill.open"
        for language in LANGUAGES:
            print(say(code, language, **result))
    return 0 if result["closed"] and result["trace_ok"] else 1


@contextlib.contextmanager
def _platform(arguments: argparse.Namespace) -> Iterator[tuple[Settings, Path]]:
    """The platform to rehearse with: the one that runs, or one of its own."""
    if not arguments.standalone:
        settings = settings_of(arguments)
        said = supervisor_says(settings.data_dir / "run")
        if said is None:
            raise NotRunning(folder=str(settings.data_dir))
        ports = {key: int(said[key]) for key in ("web_port", "stream_port")}
        yield msgspec.structs.replace(settings, **ports), settings.data_dir / "run"
        return
    configure_log("drill", arguments.log or "text")
    folder = fresh_data_dir("jiedao-drill-")
    try:
        with standalone(folder, arguments.source, arguments.zones) as platform:
            yield platform.settings, platform.settings.data_dir / "run"
    except Stopped:
        sys.exit(130)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(folder.parent / f"{folder.name}-checkpoints", ignore_errors=True)


@contextlib.contextmanager
def standalone(
    folder: Path, source: str = "", zones: str = "", stop: threading.Event | None = None
) -> Iterator[Platform]:
    """A quiet small town on free ports, in which only the drill makes things happen.

    Args:
        stop: abandons a start that is under way; by default signals do.
    """
    settings = Settings(
        data_dir=folder,
        web_port=0,
        stream_port=0,
        demo=True,
        town="small",
        demo_tape="quiet",
        demo_source=source if source.startswith("rtsp://") else _path_of(source),
        demo_zones=_path_of(zones),
    )
    with standing(settings, stop or stop_on_signals()) as platform:
        missing = platform.wait_until_ready(READY_WITHIN_S, *NEEDED)
        if missing:
            raise BadInput(where="start", why=", ".join(sorted(missing)))
        with phones(platform.settings):
            yield platform


def _path_of(name: str) -> str:
    if not name:
        return ""
    path = Path(name).resolve()
    if not path.is_file():
        raise BadInput(where=name, why="no such file / 没有这个文件")
    return str(path)


@contextlib.contextmanager
def phones(settings: Settings) -> Iterator[None]:
    """Simulated phones of two workers by the bridge, as a process of its own."""
    run_dir = settings.data_dir / "run"
    accounts = json.loads((settings.data_dir / "demo-accounts.json").read_text("utf-8"))
    workers = [a["login"] for a in accounts if a["kind"] == "worker"]
    seats = run_dir / "drill-seats.json"
    seats.write_text(json.dumps({"free": workers, "reports": False}), "utf-8")
    command = [
        sys.executable,
        "-m",
        "jiedao.sim.phone",
        f"--api=http://127.0.0.1:{settings.web_port}",
        f"--accounts={settings.data_dir / 'demo-accounts.json'}",
        f"--seats={seats}",
        f"--pace={PHONES_PACE}",
        f"--ready={run_dir / 'drill-phones.ready'}",
    ]
    process = subprocess.Popen(  # noqa: S603  # our own simulator
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=dict(os.environ)
    )
    try:
        wait_until_ready(run_dir, {"drill-phones"}, READY_WITHIN_S)
        yield
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait(10)


class Drill:
    """Plays the story once.

    Args:
        kind: which story, "fence" or "stall".
        told: called with each step's name and seconds as it comes.
    """

    def __init__(
        self, settings: Settings, run_dir: Path, kind: str = "fence", told: Any = None
    ) -> None:
        self._settings, self._run, self._kind, self._told = settings, run_dir, kind, told
        self._address = f"http://127.0.0.1:{settings.web_port}"

    def play(self, timeout_s: float) -> dict[str, Any]:
        """Ask for the scene and follow the loop to its end, or until the time is up."""
        desk = Desk(self._address)
        desk.wait_for_hands()
        truth = Tail(self._run / "truth.jsonl")
        heard = Tail(self._run / "sim-speaker.jsonl")
        # A foreign camera shows what it shows; nobody cues it, and it tells no truth.
        foreign = self._settings.demo_source.startswith("rtsp://")
        story = self._story(foreign=foreign)
        if not foreign:
            desk.wait_for_calm(story.ITEM)
        with Follower(desk.ticket, desk.position()) as feed:
            feed.wait_until_live(READY_WITHIN_S)
            story.asked_at = datetime.now(UTC)
            if not foreign:
                desk.ask_for_drill(self._kind)
            self._follow(story, desk, feed, truth, heard, timeout_s)
        return self._result(story, desk)

    def _story(self, *, foreign: bool) -> Story:
        now, account = datetime.now(UTC), ACCOUNT[self._kind]
        if self._kind == "fence":
            return FenceStory(now, account, needs_truth=not foreign)
        strip, may_stay_s = watched_strip()
        return StallStory(now, account, may_stay=timedelta(seconds=may_stay_s), strip=strip)

    def _follow(
        self, story: Story, desk: Desk, feed: Follower, truth: Tail, heard: Tail, timeout_s: float
    ) -> None:
        over = threading.Event()
        timer = threading.Timer(timeout_s, over.set)
        timer.start()
        told: set[str] = set()
        try:
            while not story.is_closed and not over.is_set():
                for event, received_at in feed.events(TICK_S):
                    story.saw_event(event, received_at)
                for row in truth.rows():
                    story.saw_truth(row)
                for row in heard.rows():
                    story.saw_heard(row)
                for matter, action in story.deeds():
                    desk.do(matter, action)
                for step in story.steps():
                    if step["name"] not in told and self._told:
                        self._told(step["name"], step["t_s"])
                    told.add(step["name"])
        finally:
            timer.cancel()

    def _result(self, story: Story, desk: Desk) -> dict[str, Any]:
        records = sum(desk.records(matter) for matter in story.ways)
        verdict = verify_platform(self._settings)
        return {
            "closed": story.is_closed,
            "waits_for": story.waits_for,
            "steps": story.steps(),
            **story.figures(),
            "records": records,
            "trace_ok": verdict.ok,
            "trace_rows": verdict.rows,
        }


def watched_strip() -> tuple[str, float]:
    """The strip of the market street that is watched, and how long one may stay in it."""
    zones = zones_of_scenes()["market"]["zones"]
    zone = next(zone for zone in zones if zone.get("rules"))
    return str(zone["name"]), float(zone["rules"][0]["threshold_s"])


def _tell(step: str, t_s: float) -> None:
    words = " · ".join(say(f"drill.step.{step}", language) for language in LANGUAGES)
    print(f"{t_s:8.3f} s  {words}", flush=True)


def _both(code: str) -> str:
    return " · ".join(say(code, language) for language in LANGUAGES)
