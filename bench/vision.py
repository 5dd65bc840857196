# SPDX-License-Identifier: Apache-2.0
"""How well, and at what cost, the rules see: real clips against their hand-checked truth.

The clips and the model are read from ../shared/data beside the checkout, or from the folder that
BENCH_DATA names; they are not part of this project. Where they are missing only the drawn
figures are measured. Every clip is watched at 5 pictures a second from four different first
moments, because one alignment of sampling and scene proves little.

Counted as right: an entry within 0.55 s, a crossing within the clip's tolerance and in its
direction. CPU is the time of this process inside `Watcher.see`, which includes the detector and
leaves out decoding. Left out as well: night, rain, and everything else these clips do not show.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

from bench.report import Target, conclude, percentile
from jiedao.cameras.clip import as_frame
from jiedao.vision import Detector, Event, Frame, Kind, Watcher, ZonePlan, load_detector
from jiedao.vision.tracks import Look, Tracker

TARGETS: dict[str, Target] = {
    "recall_share": (">=", 0.95),
    "precision_share": (">=", 0.95),
    "loitering_wrong": ("<=", 0),
    "entry_delay_p90_s": ("<=", 0.3),
    "cpu_ms_per_frame_with_model": ("<=", 3.0),
}
DRAWN_TARGETS: dict[str, Target] = {
    "tracker_ms_60_objects": ("<=", 1.5),
    "tracker_ms_200_objects": ("<=", 4.0),
}
FPS = 5.0
PHASES_S = (0.0, 0.05, 0.1, 0.15)
ENTRY_TOLERANCE_S = 0.55
DIRECTIONS = {
    "right_to_left": (-1.0, 0.0),
    "left_to_right": (1.0, 0.0),
    "towards_camera": (0.0, 1.0),
    "away_from_camera": (0.0, -1.0),
}
SEED = 7


@dataclass
class Score:
    """What was right, missed and false, and how late entries were told."""

    hits: int = 0
    missed: int = 0
    false: int = 0
    loitering_wrong: int = 0
    delays_s: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    frames: int = 0

    def add(
        self, truth_s: Sequence[float], told_s: Sequence[float], within_s: float
    ) -> list[float]:
        """Pair what is true with what was told, nearest first; gives the delays of the pairs."""
        near = sorted(
            (abs(told - true), i, j)
            for i, true in enumerate(truth_s)
            for j, told in enumerate(told_s)
            if abs(told - true) <= within_s
        )
        pairs: dict[int, int] = {}
        for _, i, j in near:
            if i not in pairs and j not in pairs.values():
                pairs[i] = j
        self.hits += len(pairs)
        self.missed += len(truth_s) - len(pairs)
        self.false += len(told_s) - len(pairs)
        return [told_s[j] - truth_s[i] for i, j in pairs.items()]

    @property
    def recall(self) -> float:
        return self.hits / max(1, self.hits + self.missed)

    @property
    def precision(self) -> float:
        return self.hits / max(1, self.hits + self.false)


def data_folder() -> Path | None:
    """Where the clips are, or None."""
    named = os.environ.get("BENCH_DATA")
    here = Path(__file__).resolve().parents[1]
    for folder in (Path(named) if named else None, here.parent / "shared" / "data"):
        if folder is not None and (folder / "video").is_dir():
            return folder
    return None


def clip_frames(clip: Path, phase_s: float) -> Iterator[Frame]:
    """The pictures of a clip at the pace of the bench, from a first moment on."""
    due_s = phase_s
    with av.open(str(clip)) as container:
        for picture in container.decode(video=0):
            t_s = float(picture.time or 0.0)
            if t_s >= due_s - 1e-6:
                due_s += (int((t_s - due_s) * FPS + 1e-6) + 1) / FPS
                yield as_frame(picture, t_s)


def watch(clip: Path, truth: Path, detector: Detector | None, phase_s: float, score: Score) -> None:
    """Watch one clip once, and score what was told."""
    watcher = Watcher(ZonePlan.parse(truth), detector)
    events: list[Event] = []
    for frame in clip_frames(clip, phase_s):
        begun_s = time.process_time()
        events.extend(watcher.see(frame).events)
        score.cpu_s += time.process_time() - begun_s
        score.frames += 1
    _score_zones(json.loads(truth.read_text("utf-8")), events, score)
    _score_lines(json.loads(truth.read_text("utf-8")), events, score)


def _score_zones(
    truth: dict[str, list[dict[str, object]]], events: list[Event], score: Score
) -> None:
    for zone in truth["zones"]:
        told = [e for e in events if e.place == zone["name"]]
        stays = zone["events"]
        assert isinstance(stays, list)
        entries = [float(stay["enter_s"]) for stay in stays]
        entered = [e.t_s for e in told if e.kind is Kind.ENTER]
        score.delays_s += score.add(entries, entered, ENTRY_TOLERANCE_S)
        rules = zone.get("rules", [])
        assert isinstance(rules, list)
        for rule in rules:
            if rule["rule"] == "loitering":
                alerts = [e for e in told if e.threshold_s == rule["threshold_s"]]
                score.loitering_wrong += abs(len(alerts) - int(rule["expected_alerts"]))


def _score_lines(
    truth: dict[str, list[dict[str, object]]], events: list[Event], score: Score
) -> None:
    for line in truth["lines"]:
        crossings = line["crossings"]
        assert isinstance(crossings, list)
        told = [e for e in events if e.kind is Kind.CROSSING and e.place == line["name"]]
        ways = sorted({str(crossing["direction"]) for crossing in crossings})
        within_s = float(str(line.get("tolerance_s", 0.5)))
        for way in ways:
            true_s = [float(c["t_s"]) for c in crossings if c["direction"] == way]
            score.add(true_s, [e.t_s for e in told if _way(e, ways) == way], within_s)
        score.false += sum(_way(e, ways) is None for e in told)


def _way(event: Event, ways: Sequence[str]) -> str | None:
    """Which of a line's directions a crossing took; None if it took neither."""
    dx, dy = event.heading or (0.0, 0.0)
    along = {way: DIRECTIONS[way][0] * dx + DIRECTIONS[way][1] * dy for way in ways}
    best = max(ways, key=lambda way: along[way])
    return best if along[best] > 0 else None


def score_clips(folder: Path, detector: Detector | None) -> Score:
    score = Score()
    for truth in sorted((folder / "video").glob("*.truth.json")):
        clip = truth.with_name(truth.name.replace(".truth.json", ".mp4"))
        for phase_s in PHASES_S:
            watch(clip, truth, detector, phase_s, score)
    return score


def tracker_ms(objects: int) -> float:
    """CPU of the tracker for each frame, with so many objects walking about, each seen."""
    chance = np.random.default_rng(SEED)
    at = chance.uniform(0, 1, (objects, 2)) * (600, 300)
    speed = chance.normal(0, 8, (objects, 2))
    tracker = Tracker()
    frames, begun_s = 100, time.process_time()
    for i in range(frames):
        at += speed * 0.2
        looks = [Look((x, y, x + 8.0, y + 20.0)) for x, y in at.tolist()]
        tracker.see(looks, i * 0.2)
    return (time.process_time() - begun_s) / frames * 1e3


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args(arguments).json
    figures = {f"tracker_ms_{n}_objects": tracker_ms(n) for n in (60, 200)}
    targets, data = dict(DRAWN_TARGETS), f"boxes drawn with seed {SEED}"
    folder = data_folder()
    if folder is None:
        print("no clips: set BENCH_DATA / 没有片段", file=sys.stderr)
        return conclude("vision", data, figures, targets, as_json=as_json)
    detector = load_detector(next((folder / "models").glob("*.onnx")))
    seen, alone = score_clips(folder, detector), score_clips(folder, None)
    figures |= {
        "recall_share": seen.recall,
        "precision_share": seen.precision,
        "loitering_wrong": float(seen.loitering_wrong),
        "entry_delay_p50_s": percentile(seen.delays_s, 0.5),
        "entry_delay_p90_s": percentile(seen.delays_s, 0.9),
        "cpu_ms_per_frame_with_model": seen.cpu_s / seen.frames * 1e3,
        "recall_share_without_model": alone.recall,
        "precision_share_without_model": alone.precision,
        "cpu_ms_per_frame_without_model": alone.cpu_s / alone.frames * 1e3,
    }
    data += f"; 4 clips x {len(PHASES_S)} first moments at {FPS:g} fps, YOLOX-nano"
    return conclude("vision", data, figures, TARGETS | targets, as_json=as_json)


if __name__ == "__main__":
    sys.exit(main())
