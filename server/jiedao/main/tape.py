# SPDX-License-Identifier: Apache-2.0
"""What happens in the demo's day, and when: pure decisions of the director.

The day is played on stages, each before a camera of its own. Times are seconds of a clock that
never jumps. A stage's day begins once its camera is being watched, because what nobody films did
not happen.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

HEED_AFTER_S = (1.5, 4.0)
CLEAR_AFTER_S = (4.0, 8.0)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where scenes are played, and which.

    Attributes:
        mount: the simulated camera's name; cue: what happens before it.
        loudspeaker: the code of the one that is heard there.
        item: the matters that come of it; drill: the kind of drill that is played here.
        drilled: the variant that a drill plays; begins: the one that opens the day.
        variants: how people come, and how often in 100.
        heeding: the share of them who turn back when spoken to. Where a variant itself says who
            heeds, it is 1.
        first_s, next_s: until the first, and from each to the next; at least and at most.
        calm_s: how long the day rests after a drill.
        is_cleared: whoever is still there leaves a moment after somebody sent has arrived.
    """

    mount: str
    cue: str
    loudspeaker: str
    item: str
    drill: str
    drilled: str
    begins: str
    variants: Sequence[tuple[str, int]]
    heeding: float
    first_s: tuple[float, float]
    next_s: tuple[float, float]
    calm_s: float
    is_cleared: bool = False


# At the water, "along" walks by without stepping over the line.
BRIDGE = Stage(
    mount="bridge",
    cue="crossing",
    loudspeaker="SP001",
    item="water_fence",
    drill="fence",
    drilled="from_right",
    begins="from_right",
    variants=(("from_right", 38), ("from_left", 30), ("two", 12), ("hurry", 8), ("along", 12)),
    heeding=0.65,
    first_s=(14.0, 22.0),
    next_s=(150.0, 420.0),
    calm_s=240.0,
)
# In the market a stall that stays takes its time: three reminders, then an officer.
MARKET = Stage(
    mount="market",
    cue="stall",
    loudspeaker="SP002",
    item="road_stall",
    drill="stall",
    drilled="two",
    begins="leaves",
    variants=(("leaves", 60), ("stays", 40)),
    heeding=1.0,
    first_s=(70.0, 110.0),
    next_s=(1080.0, 1800.0),
    calm_s=900.0,
    is_cleared=True,
)
STAGES = (BRIDGE, MARKET)


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


def tape(seed: int, stage: Stage = BRIDGE) -> Iterator[Scene]:
    """An endless day from a seed; its first scene is always the same, and soon."""
    dice = random.Random(f"{seed}:tape:{stage.mount}")  # noqa: S311 - a story, not a secret
    yield Scene(dice.uniform(*stage.first_s), stage.begins, heeds=True)
    names, weights = [name for name, _ in stage.variants], [share for _, share in stage.variants]
    while True:
        variant = dice.choices(names, weights)[0]
        yield Scene(dice.uniform(*stage.next_s), variant, dice.random() < stage.heeding)


@dataclass(frozen=True, slots=True)
class Cue:
    """A command to a simulated camera."""

    mount: str
    name: str
    variant: str | None = None

    def command(self) -> dict[str, str]:
        """As the cameras understand it."""
        words = {"cue": self.name, "mount": self.mount}
        return words if self.variant is None else {**words, "variant": self.variant}


@dataclass(frozen=True, slots=True)
class Moment:
    """What is going on about a stage since the last look at it.

    Attributes:
        watched: its camera has a viewer.
        drill: a drill was taken up for it.
        spoken: words began to sound there.
        arrived: somebody who was sent there has arrived.
    """

    watched: bool = True
    drill: bool = False
    spoken: bool = False
    arrived: bool = False


@dataclass(slots=True)
class Direction:
    """Decides what to cue on a stage, from the tape, drills, what was spoken and who arrived.

    Attributes:
        scenes: the tape; None for a platform on which only drills happen.
        is_film: a film plays in place of the drawn scene, and nobody in it can be sent away.
    """

    stage: Stage
    scenes: Iterator[Scene] | None
    dice: random.Random
    is_film: bool = False
    _next: Scene | None = field(init=False, default=None)
    _next_due_s: float = field(init=False, default=0.0)
    _leave_due_s: float | None = field(init=False, default=None)
    _clear_due_s: float | None = field(init=False, default=None)
    _heeds: bool = field(init=False, default=True)

    def live(self, now_s: float, moment: Moment) -> list[Cue]:
        """What to cue now."""
        cues: list[Cue] = []
        if moment.drill:
            self._heeds = True
            cues.append(self._begins(self.stage.drilled))
            if self._next is not None:
                # The drill has the stage; the day goes on later.
                self._next_due_s = max(self._next_due_s, now_s + self.stage.calm_s)
        elif moment.watched:
            cues += self._from_tape(now_s)
        if not self.is_film:
            cues += self._departures(now_s, moment)
        return cues

    def clear(self) -> list[Cue]:
        """Make room for a drill that waits."""
        return [] if self.is_film or not self.stage.is_cleared else [self._cue("clear")]

    def _departures(self, now_s: float, moment: Moment) -> list[Cue]:
        if moment.spoken and self._heeds and self._leave_due_s is None:
            self._leave_due_s = now_s + self.dice.uniform(*HEED_AFTER_S)
        if moment.arrived and self.stage.is_cleared and self._clear_due_s is None:
            self._clear_due_s = now_s + self.dice.uniform(*CLEAR_AFTER_S)
        cues: list[Cue] = []
        if self._leave_due_s is not None and now_s >= self._leave_due_s:
            self._leave_due_s = None
            cues.append(self._cue("leave"))
        if self._clear_due_s is not None and now_s >= self._clear_due_s:
            self._clear_due_s = None
            cues.append(self._cue("clear"))
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
        return [self._begins(scene.variant)]

    def _take_next(self, now_s: float) -> None:
        if self.scenes is not None:
            self._next = next(self.scenes)
            self._next_due_s = now_s + self._next.after_s

    def _begins(self, variant: str) -> Cue:
        return self._cue("play") if self.is_film else self._cue(self.stage.cue, variant)

    def _cue(self, name: str, variant: str | None = None) -> Cue:
        return Cue(self.stage.mount, name, variant)
