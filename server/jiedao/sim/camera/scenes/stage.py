# SPDX-License-Identifier: Apache-2.0
"""A scene as it runs: a backdrop painted once, moving parts over it, people who come and go."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np

from jiedao.sim.camera.encode import Picture, as_picture
from jiedao.sim.camera.figure import LOOKS, Look, draw_figure
from jiedao.sim.camera.handcart import draw_stall
from jiedao.sim.camera.truth import Happening, Rules
from jiedao.sim.camera.walk import HeightAt, Point, Stop, Walk

NOISE_PICTURES = 8
Layer = Callable[[Picture, float], None]
Leaving = Literal["heeding", "all"]


class UnknownCue(ValueError):
    """The scene has no such cue or variant."""


@dataclass(frozen=True, slots=True)
class Part:
    """One person's part in a cue: the way, when it begins after the cue, how fast.

    Attributes:
        stall: they push a stall, and set it up wherever they stand.
        heeds: leaves when told to; the others leave only when the street is cleared.
        way_out: how they leave then; by default as the scene says.
    """

    stops: tuple[Stop, ...]
    after_s: float = 0.0
    pace: float = 1.0
    stall: bool = False
    heeds: bool = True
    way_out: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class Set:
    """What a scene is made of.

    Attributes:
        backdrop: (height, width, 3), BGR, never changed.
        layers: what moves without being asked, drawn under the people, in order.
        height_at: body height (share of the picture) of a person standing at a given y.
        cue: what happens on cue here.
        cues: its variants, by name; the first is the one meant by no name.
        passers: ways that people take by themselves, and how many are about at a time.
        way_out: where somebody who was sent away leaves the picture.
    """

    backdrop: Picture
    layers: Sequence[Layer]
    height_at: HeightAt
    rules: Rules
    cue: str = "crossing"
    cues: Mapping[str, Sequence[Part]] = field(default_factory=dict)
    passers: Sequence[Sequence[Stop]] = ()
    passers_at_once: int = 0
    way_out: tuple[Stop, ...] = ()


@dataclass(slots=True)
class _Person:
    walk: Walk
    look: Look
    begins_s: float
    part: Part | None = None
    last: Point | None = None


class Stage:
    """Plays a set: one picture after another, with what each one shows for the first time."""

    def __init__(self, scene: Set, seed: int) -> None:
        self._set = scene
        self._random = random.Random(seed)  # noqa: S311 - a drawing, not a secret
        self._people: list[_Person] = []
        self._waiting: list[Part] = []
        self._leaving: Leaving | None = None
        grain = np.random.default_rng(seed)
        shape = scene.backdrop.shape[:2]
        self._noise = [grain.normal(0, 1.4, shape).astype(np.int16) for _ in range(NOISE_PICTURES)]

    @property
    def happening(self) -> str:
        """What happens here on cue."""
        return self._set.cue

    def cue(self, variant: str | None) -> str:
        """Let it begin with the next picture; returns the variant's name.

        Raises:
            UnknownCue: this scene has no such variant.
        """
        name = variant or next(iter(self._set.cues), "")
        if name not in self._set.cues:
            raise UnknownCue(f"variants: {', '.join(self._set.cues) or 'none'}")
        self._waiting += self._set.cues[name]
        return name

    def send_away(self, who: Leaving = "heeding") -> None:
        """Who came by a cue turns round and leaves, as if told to: those who heed, or all."""
        self._leaving = who

    def picture(self, t_s: float, stamp: Layer) -> tuple[Picture, list[Happening]]:
        """The picture of a moment as I420, and what happens in it for the first time.

        Args:
            t_s: the scene's own time; never goes back.
            stamp: writes the clock into the finished picture.
        """
        image = self._set.backdrop.copy()
        for layer in self._set.layers:
            layer(image, t_s)
        self._begin_parts(t_s)
        happenings = self._draw_people(image, t_s)
        stamp(image, t_s)
        i420 = as_picture(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420))
        rows = image.shape[0]
        noise = self._noise[int(t_s * 100) % NOISE_PICTURES]
        i420[:rows] = cv2.add(i420[:rows], noise, dtype=cv2.CV_8U)
        return i420, happenings

    def _begin_parts(self, t_s: float) -> None:
        for part in self._waiting:
            walk = Walk(part.stops, self._set.height_at, part.pace)
            self._people.append(_Person(walk, self._look(), t_s + part.after_s, part))
        self._waiting = []
        about = sum(person.part is None for person in self._people)
        for _ in range(self._set.passers_at_once - about):
            self._add_passer(t_s)
        if self._leaving is not None:
            who, self._leaving = self._leaving, None
            for person in self._people:
                if person.part and (who == "all" or person.part.heeds):
                    self._turn_round(person, person.part, t_s)

    def _add_passer(self, t_s: float) -> None:
        stops = list(self._random.choice(self._set.passers))
        if self._random.random() < 0.5:
            stops.reverse()
        sway = self._random.uniform(-0.012, 0.012)
        stops = [Stop((s.at[0], s.at[1] + sway), s.stand_s) for s in stops]
        walk = Walk(stops, self._set.height_at, self._random.uniform(0.8, 1.15))
        # At the start the picture is already busy, so people are met anywhere on their way.
        back = self._random.uniform(0, walk.duration_s) if t_s < 1 else 0.0
        begins = t_s - back + self._random.uniform(0, 3)
        self._people.append(_Person(walk, self._look(), begins))

    def _turn_round(self, person: _Person, part: Part, t_s: float) -> None:
        way_out = part.way_out or self._set.way_out
        if person.last and way_out:
            way = (Stop(person.last), *way_out)
            person.walk = Walk(way, self._set.height_at, pace=1.3)
            person.begins_s = t_s

    def _look(self) -> Look:
        return self._random.choice(LOOKS)

    def _draw_people(self, image: Picture, t_s: float) -> list[Happening]:
        happenings: list[Happening] = []
        seen = []
        for person in list(self._people):
            elapsed = t_s - person.begins_s
            pose = person.walk.pose(elapsed)
            if pose is None:
                if elapsed > 0:
                    self._people.remove(person)
                continue
            if person.last is not None:
                happenings += self._set.rules.step(person.last, pose.foot, t_s)
            person.last = pose.foot
            draw = draw_stall if person.part and person.part.stall else draw_figure
            seen.append((pose, person.look, draw))
        for pose, look, draw in sorted(seen, key=lambda one: one[0].foot[1]):
            draw(image, pose, look)
        return happenings
