# SPDX-License-Identifier: Apache-2.0
"""What really happened in front of the camera, written down for whoever checks the alarms."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from jiedao.sim.camera.walk import Point, crosses, inside


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that the picture shows for the first time.

    Attributes:
        kind: "crossing", "enter" or "leave".
        where: the name of the line or zone.
        t_s: the picture's own time, from the start of the scene or clip.
        heading: unit vector of the step over a line, normalised units; None where not known.
    """

    kind: str
    where: str
    t_s: float
    heading: Point | None = None

    def row(self, camera: str, sent_at: datetime, sent_s: float, rtp_ts: int) -> dict[str, object]:
        """The line of the truth file, with the moment the camera sent the picture."""
        place = "line" if self.kind == "crossing" else "zone"
        return {
            "camera": camera,
            "kind": self.kind,
            place: self.where,
            "heading": None if self.heading is None else [round(v, 4) for v in self.heading],
            "scene_t_s": round(self.t_s, 3),
            "sent_at": sent_at.isoformat(timespec="milliseconds"),
            "sent_monotonic_s": round(sent_s, 4),
            "rtp_ts": rtp_ts,
        }


@dataclass(frozen=True, slots=True)
class Rules:
    """The lines and zones of a scene, by name."""

    lines: Mapping[str, Sequence[Point]]
    zones: Mapping[str, Sequence[Point]]

    @classmethod
    def read(cls, text: str) -> "Rules":
        """From a zone file; keys that are not lines or zones are left alone."""
        found = json.loads(text)
        return cls(
            lines={line["name"]: _points(line["points"]) for line in found.get("lines", [])},
            zones={zone["name"]: _points(zone["polygon"]) for zone in found.get("zones", [])},
        )

    def step(self, before: Point, after: Point, t_s: float) -> list[Happening]:
        """What one person's step from a picture to the next brings about."""
        heading = _unit(before, after)
        found = [
            Happening("crossing", name, t_s, heading)
            for name, line in self.lines.items()
            if crosses(before, after, line)
        ]
        for name, polygon in self.zones.items():
            was, now = inside(before, polygon), inside(after, polygon)
            if was != now:
                found.append(Happening("enter" if now else "leave", name, t_s))
        return found


def _points(pairs: Sequence[Sequence[float]]) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in pairs)


def _unit(before: Point, after: Point) -> Point:
    dx, dy = after[0] - before[0], after[1] - before[1]
    length = math.hypot(dx, dy) or 1.0
    return dx / length, dy / length


def clip_happenings(text: str) -> list[Happening]:
    """What a clip shows, from its truth file (format zone-truth/1), in order.

    A zone file without times is a truth file that knows nothing.

    Raises:
        ValueError: not such a file.
    """
    try:
        return _happenings(json.loads(text))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a truth file: {error}") from error


def _happenings(found: Mapping[str, Any]) -> list[Happening]:
    rows = [
        Happening("crossing", line["name"], float(crossing["t_s"]))
        for line in found.get("lines", [])
        for crossing in line.get("crossings", [])
    ]
    for zone in found.get("zones", []):
        for event in zone.get("events", []):
            if event["enter_s"] > 0:
                rows.append(Happening("enter", zone["name"], float(event["enter_s"])))
            rows.append(Happening("leave", zone["name"], float(event["leave_s"])))
    return sorted(rows, key=lambda row: row.t_s)


class TruthFile:
    """JSON lines, each on its way to the file before the next picture is drawn."""

    def __init__(self, path: Path | None) -> None:
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None
        self.rows = 0

    def write(self, row: Mapping[str, object]) -> None:
        self.rows += 1
        if self._file:
            self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
            self._file.flush()

    def close(self) -> None:
        if self._file:
            self._file.close()
