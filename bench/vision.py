# SPDX-License-Identifier: Apache-2.0
"""How well, and at what cost, the rules see: real clips against their hand-checked truth.

The clips and the model are read from ../shared/data beside the checkout, or from the folder that
BENCH_DATA names; they are not part of this project. Where they are missing only the drawn
figures are measured. Every clip is watched at 5 pictures a second from four different first
moments, because one alignment of sampling and scene proves little.

Counted as right: an entry within 0.55 s (or up to the time the truth allows), a crossing within
the clip's tolerance and in its direction, a count within its tolerance. CPU is the time of this
process inside `Watcher.see`, which includes the detector and leaves out decoding. Left out as
well: night, rain, and everything else these clips do not show.

Cameras per core: a drawn street with moving figures, H.264 at 25 fps, decoded on one thread with
every fifth picture judged by motion alone, against decoding alone, in turns in the same run.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import av

from bench.moving_scene import MovingScene
from bench.report import Target, conclude, percentile
from jiedao.cameras.clip import as_frame
from jiedao.vision import Detector, Event, Frame, Kind, Watcher, ZonePlan, load_detector

TARGETS: dict[str, Target] = {
    "recall_share": (">=", 0.95),
    "precision_share": (">=", 0.95),
    "loitering_wrong": ("<=", 0),
    "counts_wrong_share": ("<=", 0),
    "entry_delay_p90_s": ("<=", 0.3),
    "cpu_ms_per_frame_with_model": ("<=", 3.0),
}
DRAWN_TARGETS: dict[str, Target] = {
    "cameras_per_ceiling_360p": (">=", 0.9),
    "cameras_per_ceiling_720p": (">=", 0.9),
}
SIZES = {"360p": (640, 360), "720p": (1280, 720)}
CAMERA_FPS, CAMERA_S, CAMERA_FIGURES = 25, 12.0, 6
ROUNDS = 3
COUNT_EVERY_S = 0.2
COUNT_NEAR_S = 0.3  # A count is held against the truth of a moment this near.
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
CAMERA_PLAN = ZonePlan.parse({"lines": [{"name": "line", "points": [[0.5, 0.1], [0.5, 1.0]]}]})


@dataclass
class Score:
    """What was right, missed and false, and how late entries were told."""

    hits: int = 0
    missed: int = 0
    false: int = 0
    loitering_wrong: int = 0
    counts: int = 0
    counts_wrong: int = 0
    delays_s: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    frames: int = 0

    def add(
        self,
        truth_s: Sequence[float],
        told_s: Sequence[float],
        within_s: float,
        late_ok_s: Sequence[float] = (),
    ) -> list[float]:
        """Pair what is true with what was told, nearest first; gives the delays of the pairs."""
        last_s = late_ok_s or [0.0] * len(truth_s)
        near = sorted(
            (abs(told - true), i, j)
            for i, true in enumerate(truth_s)
            for j, told in enumerate(told_s)
            if abs(told - true) <= within_s or true <= told <= last_s[i]
        )
        pairs: dict[int, int] = {}
        for _, i, j in near:
            if i not in pairs and j not in pairs.values():
                pairs[i] = j
        self.hits += len(pairs)
        self.missed += len(truth_s) - len(pairs)
        self.false += len(told_s) - len(pairs)
        return [told_s[j] - truth_s[i] for i, j in pairs.items()]

    def join(self, other: "Score") -> None:
        """Add another score to this one."""
        for name in ("hits", "missed", "false", "loitering_wrong", "counts", "counts_wrong"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.delays_s += other.delays_s
        self.cpu_s += other.cpu_s
        self.frames += other.frames

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
    told = json.loads(truth.read_text("utf-8"))
    watcher = Watcher(ZonePlan.parse({**told, "count": {"every_s": COUNT_EVERY_S}}), detector)
    events: list[Event] = []
    for frame in clip_frames(clip, phase_s):
        begun_s = time.process_time()
        events.extend(watcher.see(frame).events)
        score.cpu_s += time.process_time() - begun_s
        score.frames += 1
    _score_zones(told, events, score)
    _score_lines(told, events, score)
    _score_counts(told, events, score)


def _score_zones(truth: dict[str, Any], events: list[Event], score: Score) -> None:
    for zone in truth["zones"]:
        told = [e for e in events if e.place == zone["name"]]
        stays = zone["events"]
        assert isinstance(stays, list)
        entries = [float(stay["enter_s"]) for stay in stays]
        late_ok_s = [float(stay.get("late_ok_s", 0.0)) for stay in stays]
        entered = [e.t_s for e in told if e.kind is Kind.ENTER]
        score.delays_s += score.add(entries, entered, ENTRY_TOLERANCE_S, late_ok_s)
        rules = zone.get("rules", [])
        assert isinstance(rules, list)
        for rule in rules:
            if rule["rule"] == "loitering":
                alerts = [e for e in told if e.threshold_s == rule["threshold_s"]]
                score.loitering_wrong += abs(len(alerts) - int(rule["expected_alerts"]))


def _score_lines(truth: dict[str, Any], events: list[Event], score: Score) -> None:
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


def _score_counts(truth: dict[str, Any], events: list[Event], score: Score) -> None:
    kind = "vehicles" if truth["target"] == "vehicle" else "persons"
    told = [event for event in events if event.kind is Kind.COUNT]
    for true in truth["counts"]:
        near = [e for e in told if abs(e.t_s - true["t_s"]) <= COUNT_NEAR_S]
        if kind in true and near:
            nearest = min(near, key=lambda e: abs(e.t_s - true["t_s"]))
            score.counts += 1
            wrong = abs((nearest.n or 0) - true[kind]) > truth.get("count_tolerance", 0)
            score.counts_wrong += wrong


def _way(event: Event, ways: Sequence[str]) -> str | None:
    """Which of a line's directions a crossing took; None if it took neither."""
    dx, dy = event.heading or (0.0, 0.0)
    along = {way: DIRECTIONS[way][0] * dx + DIRECTIONS[way][1] * dy for way in ways}
    best = max(ways, key=lambda way: along[way])
    return best if along[best] > 0 else None


def score_clips(folder: Path, detector: Detector | None) -> dict[str, Score]:
    """By the clip's name."""
    scores: dict[str, Score] = {}
    for truth in sorted((folder / "video").glob("*.truth.json")):
        name = truth.name.replace(".truth.json", "")
        scores[name] = Score()
        for phase_s in PHASES_S:
            watch(truth.with_name(f"{name}.mp4"), truth, detector, phase_s, scores[name])
    return scores


def total(scores: dict[str, Score]) -> Score:
    whole = Score()
    for score in scores.values():
        whole.join(score)
    return whole


def cameras(size: str) -> dict[str, float]:
    """Cameras that one core keeps up with: decoding alone, and with the whole fence loop."""
    width, height = SIZES[size]
    clip = MovingScene(width, height, CAMERA_FIGURES, SEED).encoded(CAMERA_S, CAMERA_FPS)
    decoding_s, judging_s = CAMERA_S, CAMERA_S
    for _ in range(ROUNDS):  # In turns, and the best of each: others use this machine too.
        decoding_s = min(decoding_s, _camera_s(clip, judging=False))
        judging_s = min(judging_s, _camera_s(clip, judging=True))
    ceiling, whole = CAMERA_S / decoding_s, CAMERA_S / judging_s
    return {
        f"cameras_per_core_{size}": whole,
        f"decode_ceiling_{size}": ceiling,
        f"cameras_per_ceiling_{size}": whole / ceiling,
    }


def _camera_s(clip: bytes, *, judging: bool) -> float:
    """CPU seconds that one camera's clip takes."""
    begun_s = time.process_time()
    watcher = Watcher(CAMERA_PLAN)
    with av.open(BytesIO(clip), "r") as container:
        container.streams.video[0].thread_type = "NONE"
        for i, picture in enumerate(container.decode(video=0)):
            if judging and i % (CAMERA_FPS // round(FPS)) == 0:
                watcher.see(as_frame(picture, i / CAMERA_FPS))
    return time.process_time() - begun_s


def clip_figures(name: str, score: Score) -> dict[str, float]:
    """What one clip gave."""
    return {
        f"{name}_hits": float(score.hits),
        f"{name}_missed": float(score.missed),
        f"{name}_false": float(score.false),
        f"{name}_loitering_wrong": float(score.loitering_wrong),
        f"{name}_counts_wrong": float(score.counts_wrong),
        f"{name}_cpu_ms_per_frame": score.cpu_s / score.frames * 1e3,
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args(arguments).json
    figures = cameras("360p") | cameras("720p")
    targets = dict(DRAWN_TARGETS)
    data = f"{CAMERA_FIGURES} drawn figures with seed {SEED}"
    folder = data_folder()
    if folder is None:
        print("no clips: set BENCH_DATA / 没有片段", file=sys.stderr)
        return conclude("vision", data, figures, targets, as_json=as_json)
    detector = load_detector(next((folder / "models").glob("*.onnx")))
    with_model, without = score_clips(folder, detector), score_clips(folder, None)
    seen, alone = total(with_model), total(without)
    figures |= {
        "recall_share": seen.recall,
        "precision_share": seen.precision,
        "loitering_wrong": float(seen.loitering_wrong),
        "counts_wrong_share": seen.counts_wrong / max(1, seen.counts),
        "entry_delay_p50_s": percentile(seen.delays_s, 0.5),
        "entry_delay_p90_s": percentile(seen.delays_s, 0.9),
        "cpu_ms_per_frame_with_model": seen.cpu_s / seen.frames * 1e3,
        "recall_share_without_model": alone.recall,
        "precision_share_without_model": alone.precision,
        "loitering_wrong_without_model": float(alone.loitering_wrong),
        "counts_wrong_share_without_model": alone.counts_wrong / max(1, alone.counts),
        "cpu_ms_per_frame_without_model": alone.cpu_s / alone.frames * 1e3,
    }
    for name, score in with_model.items():
        figures |= clip_figures(name, score)
    for name, score in without.items():
        figures |= clip_figures(f"without_model_{name}", score)
    data += f"; {len(with_model)} clips x {len(PHASES_S)} first moments at {FPS:g} fps, YOLOX-nano"
    return conclude("vision", data, figures, TARGETS | targets, as_json=as_json)


if __name__ == "__main__":
    sys.exit(main())
