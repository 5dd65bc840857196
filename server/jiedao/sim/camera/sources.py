# SPDX-License-Identifier: Apache-2.0
"""Where a camera's pictures come from: a drawn scene, encoded as it is watched."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Protocol

from jiedao.sim.camera import stamp
from jiedao.sim.camera.encode import GOP_S, Encoder, Picture
from jiedao.sim.camera.paint import HEIGHT_PX, WIDTH_PX
from jiedao.sim.camera.rtp import CLOCK_HZ
from jiedao.sim.camera.scenes import make
from jiedao.sim.camera.scenes.stage import Stage
from jiedao.sim.camera.truth import Happening

SCENE_FPS = Fraction(25, 2)


class BadCue(ValueError):
    """A cue that this camera cannot play; the text says which it knows."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One coded picture on its way.

    Attributes:
        nals: the picture's units, without parameter sets.
        key: decoding can begin here.
        ticks: 90 kHz ticks until the next picture is due.
        happenings: what this picture shows for the first time.
    """

    nals: tuple[bytes, ...]
    key: bool
    ticks: int
    happenings: tuple[Happening, ...] = ()


class Source(Protocol):
    """Something that can be filmed. ``shoot`` runs in a worker thread, never twice at once."""

    kind: str
    fps: float
    sps: bytes
    pps: bytes

    def open(self) -> None:
        """The first viewer has come; the next shot is a key frame."""

    def shoot(self, ticks: int, at: datetime, frozen: bool) -> Shot:
        """The picture of now.

        Args:
            ticks: 90 kHz ticks since the camera was switched on, rising.
            at: the wall clock's time, aware.
            frozen: show the last picture once more.
        """

    def cue(self, command: Mapping[str, object]) -> dict[str, object]:
        """Let something happen; returns what will.

        Raises:
            BadCue: this camera cannot do that.
        """


class SceneSource:
    """A drawn scene with a burned-in clock, encoded live: about 2 ms of processor a picture."""

    def __init__(self, name: str, scene: str, seed: int, offset_h: float) -> None:
        self.kind = f"scene {scene}"
        self.fps = float(SCENE_FPS)
        self._label = f"{name.upper()}  DEMO"
        self._offset_h = offset_h
        self._scene, self._seed = scene, seed
        self._ticks = int(CLOCK_HZ / SCENE_FPS)
        self._gop = round(GOP_S * SCENE_FPS)
        self._encoder = self._fresh_encoder()
        self._number = 0
        self._last: Picture | None = None
        self.sps, self.pps = self._encoder.sps, self._encoder.pps

    @staticmethod
    def _fresh_encoder() -> Encoder:
        return Encoder(WIDTH_PX, HEIGHT_PX, SCENE_FPS)

    @cached_property
    def _stage(self) -> Stage:
        """Painted when somebody first watches: a scene takes half a second and 20 MB."""
        return Stage(make(self._scene), self._seed)

    def open(self) -> None:
        _ = self._stage
        self._encoder = self._fresh_encoder()
        self._number = 0

    def shoot(self, ticks: int, at: datetime, frozen: bool) -> Shot:
        def burn(image: Picture, _t_s: float) -> None:
            stamp.burn(image, at, self._label, self._offset_h)

        happenings: list[Happening] = []
        if not frozen or self._last is None:
            self._last, happenings = self._stage.picture(ticks / CLOCK_HZ, burn)
        key = self._number % self._gop == 0
        nals = self._encoder.encode(self._last, self._number * self._ticks, key)
        self._number += 1
        return Shot(nals, key, self._ticks, tuple(happenings))

    def cue(self, command: Mapping[str, object]) -> dict[str, object]:
        name, variant = command.get("cue"), command.get("variant")
        if name == "leave":
            self._stage.send_away()
            return {"cue": "leave"}
        if name == "clear":
            self._stage.send_away("all")
            return {"cue": "clear"}
        if name != self._stage.happening:
            raise BadCue(f"cues: {self._stage.happening}, leave, clear")
        if variant is not None and not isinstance(variant, str):
            raise BadCue("variant is a word")
        try:
            return {"cue": name, "variant": self._stage.cue(variant)}
        except ValueError as error:
            raise BadCue(str(error)) from error
