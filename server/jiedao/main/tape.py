# SPDX-License-Identifier: Apache-2.0
"""What happens in the demo's day, and when: pure decisions of the director.

Times are seconds of a clock that never jumps. The day begins once the camera under the bridge is
being watched, because what nobody films did not happen.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

BRIDGE = "bridge"
FIRST_CUE_S = (14.0, 22.0)
NEXT_CUE_S = (150.0, 420.0)
CALM_AFTER_DRILL_S = 240.0
HEED_AFTER_S = (1.5, 4.0)
# How people come to the water, and how often; "along" walks by without stepping over the line.
VARIANTS = (("from_right", 38), ("from_left", 30), ("two", 12), ("hurry", 8), ("along", 12))
HEEDING_SHARE = 0.65


@dataclass(frozen=True, slots=True)
class Scene:
    """Somebody comes.

    Attributes:
        after_s: seconds after the one before.
        heeds: turns back when the loudspeaker speaks.
    """

    after_s: float
    variant: str
    heeds: bool


def tape(seed: int) -> Iterator[Scene]:
    """An endless day from a seed; its first scene is always a crossing, and soon."""
    dice = random.Random(f"{seed}:tape")  # noqa: S311 - a story, not a secret
    yield Scene(dice.uniform(*FIRST_CUE_S), "from_right", heeds=True)
    names, weights = [name for name, _ in VARIANTS], [weight for _, weight in VARIANTS]
    while True:
        variant = dice.choices(names, weights)[0]
        yield Scene(dice.uniform(*NEXT_CUE_S), variant, dice.random() < HEEDING_SHARE)


@dataclass(frozen=True, slots=True)
class Cue:
    """A command to the simulated cameras."""

    name: str
    variant: str | None = None

    def command(self) -> dict[str, str]:
        """As the cameras understand it."""
        words = {"cue": self.name, "mount": BRIDGE}
        return words if self.variant is None else {**words, "variant": self.variant}


@dataclass(slots=True)
class Direction:
    """Decides what to cue, from the tape, the drills asked for, and what was spoken.

    Attributes:
        scenes: the tape; None for a platform on which only drills happen.
        is_film: a film plays in place of the drawn scene, and nobody in it can be sent away.
    """

    scenes: Iterator[Scene] | None
    dice: random.Random
    is_film: bool = False
    _next: Scene | None = field(init=False, default=None)
    _next_due_s: float = field(init=False, default=0.0)
    _leave_due_s: float | None = field(init=False, default=None)
    _heeds: bool = field(init=False, default=True)

    def live(self, now_s: float, *, watched: bool, drills: int, spoken: int) -> list[Cue]:
        """What to cue now.

        Args:
            watched: the camera under the bridge has a viewer.
            drills: how many drills were asked for since the last call.
            spoken: how many announcements began to sound there since the last call.
        """
        cues: list[Cue] = []
        if drills:
            self._heeds = True
            cues.append(Cue("play") if self.is_film else Cue("crossing", "from_right"))
            if self._next is not None:
                # The drill has the stage; the day goes on later.
                self._next_due_s = max(self._next_due_s, now_s + CALM_AFTER_DRILL_S)
        elif watched:
            cues += self._from_tape(now_s)
        if spoken and self._heeds and not self.is_film and self._leave_due_s is None:
            self._leave_due_s = now_s + self.dice.uniform(*HEED_AFTER_S)
        if self._leave_due_s is not None and now_s >= self._leave_due_s:
            self._leave_due_s = None
            cues.append(Cue("leave"))
        return cues

    def _from_tape(self, now_s: float) -> list[Cue]:
        if self.scenes is None:
            return []
        if self._next is None:
            self._take_next(now_s)
        if self._next is None or now_s < self._next_due_s:
            return []
        scene = self._next
        self._take_next(now_s)
        self._heeds = scene.heeds
        return [Cue("play") if self.is_film else Cue("crossing", scene.variant)]

    def _take_next(self, now_s: float) -> None:
        if self.scenes is not None:
            self._next = next(self.scenes)
            self._next_due_s = now_s + self._next.after_s
