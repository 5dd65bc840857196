# SPDX-License-Identifier: Apache-2.0
"""The zone file: which places of the picture are watched, and for what.

Coordinates are normalised 0..1, x right, y down. Keys that are not ours are ignored, so a file
may carry its own notes or hand-checked truth beside the zones.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jiedao.vision.errors import (
    PlanEdgesCross,
    PlanEmpty,
    PlanNameTwice,
    PlanNotJson,
    PlanOutsidePicture,
    PlanTooFewPoints,
    PlanUnknownTarget,
    PlanUnreadable,
    PlanWrongShape,
)
from jiedao.vision.geometry import Point, area, is_simple

# What a rule may look for, and which of a detector's classes belong to it.
TARGETS: Final[Mapping[str, frozenset[str]]] = {
    "any": frozenset(),
    "person": frozenset({"person"}),
    "vehicle": frozenset({"car", "truck", "bus", "motorcycle"}),
    "car": frozenset({"car"}),
    "truck": frozenset({"truck"}),
    "bus": frozenset({"bus"}),
    "bicycle": frozenset({"bicycle"}),
    "motorcycle": frozenset({"motorcycle"}),
    "two_wheeler": frozenset({"bicycle", "motorcycle"}),
    "animal": frozenset({"dog", "cat", "horse", "sheep", "cow"}),
}


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon that is entered, left and stayed in.

    Attributes:
        loitering_s: stays of these lengths, in seconds and rising, are reported once each.
    """

    name: str
    polygon: tuple[Point, ...]
    target: str
    loitering_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A directed segment that is crossed."""

    name: str
    start: Point
    end: Point
    target: str


@dataclass(frozen=True, slots=True)
class ZonePlan:
    """Everything one camera watches.

    Attributes:
        target: what is looked for where a zone or line does not say otherwise.
        count_every_s: how often the targets in the whole picture are counted; None is never.
    """

    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    target: str = "any"
    count_every_s: float | None = None

    @classmethod
    def parse(cls, source: Mapping[str, object] | Path | str) -> "ZonePlan":
        """Read a plan from a decoded JSON object, or from a file's path.

        Raises:
            BadInput: one of the errors of ``vision.errors``, naming the file, the place in it
                and what was expected.
        """
        if isinstance(source, Mapping):
            return _Reader("").plan(source)
        path = Path(source)
        return _Reader(path.name).plan(_load(path))


def _load(path: Path) -> object:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlanUnreadable(file=path.name, why="UTF-8") from error
    except OSError as error:
        raise PlanUnreadable(file=str(path), why=error.strerror or str(error)) from error
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise PlanNotJson(
            file=path.name, line=error.lineno, column=error.colno, why=error.msg
        ) from error
    except RecursionError as error:
        raise PlanNotJson(file=path.name, line=1, column=1, why="nested too deep") from error


class _Reader:
    """Turns decoded JSON into a plan, or says where it is wrong."""

    def __init__(self, file: str) -> None:
        self.file = file

    def plan(self, source: object) -> ZonePlan:
        top = self._object(source, "$")
        target = self._target(top, "", "any")
        zones = tuple(
            self._zone(item, f"zones[{i}]", target)
            for i, item in enumerate(self._list(top, "zones"))
        )
        lines = tuple(
            self._line(item, f"lines[{i}]", target)
            for i, item in enumerate(self._list(top, "lines"))
        )
        self._refuse_twins([zone.name for zone in zones])
        self._refuse_twins([line.name for line in lines])
        every_s = self._count(top)
        if not zones and not lines and every_s is None:
            raise PlanEmpty(file=self.file)
        return ZonePlan(zones, lines, target, every_s)

    def _zone(self, source: object, where: str, target: str) -> Zone:
        item = self._object(source, where)
        name = self._name(item, where)
        polygon = self._points(item, "polygon", where)
        if len(polygon) > 3 and polygon[0] == polygon[-1]:
            polygon = polygon[:-1]  # Closed by repeating the first corner, as GeoJSON does.
        if len(polygon) < 3:
            raise PlanTooFewPoints(
                file=self.file, where=f"{where}.polygon", found=len(polygon), needed=3
            )
        if not is_simple(polygon) or area(polygon) == 0:
            raise PlanEdgesCross(file=self.file, name=name)
        return Zone(name, polygon, self._target(item, where, target), self._loitering(item, where))

    def _line(self, source: object, where: str, target: str) -> Line:
        item = self._object(source, where)
        name = self._name(item, where)
        points = self._points(item, "points", where)
        if len(points) != 2 or points[0] == points[1]:
            raise PlanTooFewPoints(
                file=self.file, where=f"{where}.points", found=len(set(points)), needed=2
            )
        return Line(name, points[0], points[1], self._target(item, where, target))

    def _loitering(self, item: Mapping[str, object], where: str) -> tuple[float, ...]:
        thresholds: set[float] = set()
        for i, source in enumerate(self._list(item, "rules", where)):
            place = f"{where}.rules[{i}]"
            rule = self._object(source, place)
            if rule.get("rule") == "loitering":
                thresholds.add(self._seconds(rule, "threshold_s", place))
        return tuple(sorted(thresholds))

    def _count(self, top: Mapping[str, object]) -> float | None:
        if "count" not in top:
            return None
        return self._seconds(self._object(top["count"], "count"), "every_s", "count")

    def _seconds(self, item: Mapping[str, object], key: str, where: str) -> float:
        value = item.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e7:
            raise PlanWrongShape(file=self.file, where=f"{where}.{key}", expected="number > 0")
        return float(value)

    def _points(self, item: Mapping[str, object], key: str, where: str) -> tuple[Point, ...]:
        if key not in item:
            raise PlanWrongShape(file=self.file, where=where, expected=key)
        return tuple(
            self._point(source, f"{where}.{key}[{i}]")
            for i, source in enumerate(self._list(item, key, where))
        )

    def _point(self, source: object, where: str) -> Point:
        if not isinstance(source, Sequence) or isinstance(source, str) or len(source) != 2:
            raise PlanWrongShape(file=self.file, where=where, expected="[x, y]")
        pair: list[float] = []
        for value in source:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise PlanWrongShape(file=self.file, where=where, expected="[x, y]")
            if not 0 <= value <= 1:  # NaN fails this as well.
                raise PlanOutsidePicture(file=self.file, where=where, value=value)
            pair.append(float(value))
        return pair[0], pair[1]

    def _target(self, item: Mapping[str, object], where: str, otherwise: str) -> str:
        value = item.get("target", otherwise)
        place = f"{where}.target".lstrip(".")
        if not isinstance(value, str):
            raise PlanWrongShape(file=self.file, where=place, expected="text")
        if value not in TARGETS:
            raise PlanUnknownTarget(
                file=self.file, where=place, value=value, known=", ".join(TARGETS)
            )
        return value

    def _name(self, item: Mapping[str, object], where: str) -> str:
        value = item.get("name")
        if not isinstance(value, str) or not value.strip():
            raise PlanWrongShape(file=self.file, where=f"{where}.name", expected="text")
        return value

    def _object(self, source: object, where: str) -> Mapping[str, object]:
        if not isinstance(source, Mapping):
            raise PlanWrongShape(file=self.file, where=where, expected="{…}")
        return source

    def _list(self, item: Mapping[str, object], key: str, where: str = "") -> Sequence[object]:
        value = item.get(key, [])
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise PlanWrongShape(file=self.file, where=f"{where}.{key}".lstrip("."), expected="[…]")
        return value

    def _refuse_twins(self, names: list[str]) -> None:
        for name in names:
            if names.count(name) > 1:
                raise PlanNameTwice(file=self.file, name=name)
