# SPDX-License-Identifier: Apache-2.0
"""What a worker in the street does: pure decisions from what the phone shows, and the time."""

import math
import random
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Spot = tuple[float, float]
"""WGS-84 lon, lat in degrees."""

SPEED_M_PER_S = 5.5  # An electric bicycle in a narrow street.
ARRIVED_M = 12.0
DEGREE_M = 111_320.0
# How long until a worker comes upon something, at the pace of life.
FIRST_RAISE_S, NEXT_RAISE_S = (400.0, 2400.0), (1800.0, 4200.0)
BATTERY_S_PER_PCT = 420.0
FIX_EVERY_S, RESTING_FIX_EVERY_S = 5.0, 60.0

# What is reported back, by a word in the task's title; the first that fits.
REPORTS = (
    (
        "水",
        (
            "已到现场劝离，人员已回到岸上，没有人受伤。",
            "已向在场的人讲清危险，人已离开水边。",
            "到场时人已离开，已沿岸查看一遍，没有异常。",
        ),
    ),
    ("垃圾", ("现场已清理干净。", "已联系环卫清走，地面已冲洗。")),
    ("占道", ("已劝导摊主把物品收回店内，道路畅通。", "摊位已挪回划线以内。")),
    ("", ("已处理完毕，拍照留存。", "现场已看过，隐患已排除。")),
)
SEEN = (
    ("exposed_rubbish", "路边有一堆垃圾没有清走。"),
    ("occupied_road", "摊位摆到人行道上，行人要走车道。"),
    ("seen_by_people", "路灯杆上的线盒盖松了，垂下一截电线。"),
)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Begin duty."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer for a task: accept, arrive, begin, or report with words and a photo of the scene."""

    task: str
    action: str
    note: str = ""
    scene: str = ""


@dataclass(frozen=True, slots=True)
class Raise:
    """Report something that this worker came upon."""

    item: str
    note: str
    at: Spot


@dataclass(frozen=True, slots=True)
class Fix:
    """Tell where the phone is, and what its battery has left."""

    at: Spot
    battery_pct: int


Act = CheckIn | Answer | Raise | Fix


@dataclass(slots=True)
class Worker:
    """One worker: where they are, and what they are about to do.

    Attributes:
        home: their post, to which they return.
        pace: how many times faster than life they act.
        at: where they are; starts at home.
    """

    home: Spot
    dice: random.Random
    pace: float = 1.0
    at: Spot = field(init=False)
    _dues: dict[tuple[str, str], float] = field(init=False, default_factory=dict)
    _last_s: float | None = field(init=False, default=None)
    _full_s: float | None = field(init=False, default=None)
    _fix_due_s: float = field(init=False, default=0.0)
    _raise_due_s: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.at = self.home

    def live(self, now_s: float, today: Json, *, reports: bool) -> list[Act]:
        """What to do now.

        Args:
            now_s: a clock that never jumps.
            today: what the phone's first screen shows.
            reports: whether to come upon things by oneself now and then.
        """
        passed_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        if today["shift"]["checked_in_at"] is None:
            return [CheckIn()]
        acts: list[Act] = []
        before = self.at
        if today["tasks"]:
            acts += self._work(today["tasks"][0], now_s, passed_s)
        else:
            self._walk(self.home, passed_s)
            if reports:
                acts += self._look_round(now_s)
        every_s = RESTING_FIX_EVERY_S if before == self.at else FIX_EVERY_S
        if now_s >= self._fix_due_s:
            self._fix_due_s = now_s + every_s
            acts.append(Fix(self.at, self._battery_pct(now_s)))
        else:
            self._fix_due_s = min(self._fix_due_s, now_s + every_s)
        return acts

    def _battery_pct(self, now_s: float) -> int:
        """A full phone lasts a long shift, at the pace of life."""
        self._full_s = now_s if self._full_s is None else self._full_s
        return max(3, 100 - round((now_s - self._full_s) * self.pace / BATTERY_S_PER_PCT))

    def _work(self, task: Json, now_s: float, passed_s: float) -> list[Act]:
        name, state = str(task["id"]), task["state"]
        if state == "offered" and self._is_due(name, state, now_s, 2.5, 7.0):
            return [Answer(name, "accept")]
        if state == "accepted" and self._walk(_spot_of(task, self.at), passed_s):
            return [Answer(name, "arrive")]
        if state == "on_scene" and task.get("begun_at") is None:
            return [Answer(name, "begin")] if self._is_due(name, "begin", now_s, 2.0, 4.0) else []
        if state == "on_scene" and self._is_due(name, state, now_s, 9.0, 20.0):
            title = str((task.get("title") or {}).get("zh-CN", ""))
            fitting = next(notes for word, notes in REPORTS if word in title)
            scene = "bridge" if "水" in title else "market"
            return [Answer(name, "report", self.dice.choice(fitting), scene)]
        return []

    def _look_round(self, now_s: float) -> list[Act]:
        if self._raise_due_s is None:
            self._raise_due_s = now_s + self.dice.uniform(*FIRST_RAISE_S) / self.pace
        if now_s < self._raise_due_s:
            return []
        self._raise_due_s = now_s + self.dice.uniform(*NEXT_RAISE_S) / self.pace
        item, note = self.dice.choice(SEEN)
        away = (self.dice.uniform(-0.0012, 0.0012), self.dice.uniform(-0.0012, 0.0012))
        return [Raise(item, note, (self.at[0] + away[0], self.at[1] + away[1]))]

    def _is_due(self, task: str, state: str, now_s: float, low_s: float, high_s: float) -> bool:
        """True once a drawn time has passed since the task was first seen in this state."""
        wait_s = self.dice.uniform(low_s, high_s) / self.pace
        return now_s >= self._dues.setdefault((task, state), now_s + wait_s)

    def _walk(self, to: Spot, passed_s: float) -> bool:
        """Go towards a spot; true once there."""
        gap = gap_m(self.at, to)
        step_m = SPEED_M_PER_S * self.pace * passed_s
        if gap <= max(step_m, ARRIVED_M):
            # Nobody stands on the pin itself.
            self.at = self.at if gap <= ARRIVED_M else to
            return True
        share = step_m / gap
        self.at = (
            self.at[0] + (to[0] - self.at[0]) * share,
            self.at[1] + (to[1] - self.at[1]) * share,
        )
        return False


def _spot_of(task: Json, otherwise: Spot) -> Spot:
    place = task.get("place") or {}
    if place.get("lon") is None or place.get("lat") is None:
        return otherwise
    return float(place["lon"]), float(place["lat"])


def gap_m(one: Spot, other: Spot) -> float:
    """Distance between two near spots in metres, on a locally flat Earth."""
    east = (other[0] - one[0]) * DEGREE_M * math.cos(math.radians(one[1]))
    return math.hypot(east, (other[1] - one[1]) * DEGREE_M)
