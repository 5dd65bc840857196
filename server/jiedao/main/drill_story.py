# SPDX-License-Identifier: Apache-2.0
"""What a drill waits for, and what it measures: fed with happenings, answers with figures. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

_VERBS = {
    "plan.started": "plan",
    "announcement.asked": "speech_asked",
    "task.offered": "offered",
    "announcement.played": "spoken",
    "task.accepted": "accepted",
    "task.arrived": "arrived",
    "task.reported": "reported",
}
_ACTIONS = {
    "confirm": ("confirmed",),
    "confirm_underway": ("confirmed",),
    "verify_pass": ("verified", "closed"),
    "rate": ("rated",),
    "settle": ("left",),
}

#: What the desk does for a matter: (once these came, until this came, do that).
_DEEDS = (
    (("alarm",), "confirmed", "confirm"),
    (("reported", "looked"), "verified", "verify_pass"),
    (("closed",), "rated", "rate"),
)


@dataclass(slots=True)
class Way:
    """One matter's way as an independent client sees it: each step when it first came.

    Attributes:
        spoken: how often words were said for it to their end.
        looked_at: when the plan looked last.
    """

    matter: str
    at: dict[str, datetime] = field(default_factory=dict)
    spoken: int = 0
    looked_at: datetime | None = None

    def saw(self, event: Mapping[str, Any], received_at: datetime) -> None:
        """The feed brought an event of this matter."""
        verb, payload = str(event.get("verb", "")), event.get("payload") or {}
        if verb in _VERBS:
            self.mark(_VERBS[verb], received_at)
        self.spoken += verb == "announcement.played"
        if verb == "plan.step_done" and "found" in payload:
            self.mark("looked", received_at)
            self.looked_at = received_at
        for step in _ACTIONS.get(str(payload.get("action")), ()) if verb == "matter.acted" else ():
            self.mark(step, received_at)

    def mark(self, step: str, at: datetime) -> None:
        self.at.setdefault(step, at)

    def deeds(self) -> list[tuple[str, str]]:
        """What the desk should do now: (matter, action)."""
        if "left" in self.at:
            return []
        return [
            (self.matter, action)
            for after, done, action in _DEEDS
            if done not in self.at and all(step in self.at for step in after)
        ]


@dataclass
class Story(ABC):
    """One drill as seen by an independent client.

    Attributes:
        asked_at: when the drill began; what was before does not belong to it.
        account: of the loudspeaker that is to be heard; "" for any.
    """

    asked_at: datetime
    account: str = ""
    ways: dict[str, Way] = field(default_factory=dict)
    voiced_at: datetime | None = None

    #: The way of the main job, in the order in which it is told. Each is seen from outside.
    STEPS: ClassVar[tuple[str, ...]]
    #: The item of its matters, and how many there are.
    ITEM: ClassVar[str]
    MATTERS: ClassVar[int] = 1

    @abstractmethod
    def saw_truth(self, row: Mapping[str, Any]) -> None:
        """The camera says what it sent, and when."""

    @property
    @abstractmethod
    def at(self) -> Mapping[str, datetime]:
        """Every step that came, and when."""

    @abstractmethod
    def figures(self) -> dict[str, float | None]:
        """The three latencies, in seconds."""

    def saw_event(self, event: Mapping[str, Any], received_at: datetime) -> None:
        """The feed brought an event."""
        matter = str(event.get("matter"))
        if self._is_new(event) and received_at >= self.asked_at and len(self.ways) < self.MATTERS:
            self.ways[matter] = Way(matter, {"alarm": received_at})
        if matter in self.ways:
            self.ways[matter].saw(event, received_at)

    def saw_heard(self, row: Mapping[str, Any]) -> None:
        """The loudspeaker says what it heard, and when."""
        said_at = row.get("first_voiced_at")
        is_ours = not self.account or row.get("account") == self.account
        if said_at and is_ours and self.ways and self.voiced_at is None:
            at = datetime.fromisoformat(said_at)
            self.voiced_at = at if at >= self.asked_at else None

    def deeds(self) -> list[tuple[str, str]]:
        """What the desk should do now: (matter, action)."""
        return [deed for way in self.ways.values() for deed in way.deeds()]

    @property
    def is_closed(self) -> bool:
        return self.waits_for is None

    @property
    def waits_for(self) -> str | None:
        """The first step that has not come; None once all have."""
        came = self.at
        return next((step for step in self._wanted if step not in came), None)

    def steps(self) -> list[dict[str, Any]]:
        """Every step that came with its time in seconds from the first."""
        came = self.at
        if not came:
            return []
        start = min(came.values())
        told = sorted(came.items(), key=lambda pair: pair[1])
        return [{"name": n, "t_s": round((at - start).total_seconds(), 3)} for n, at in told]

    @property
    def _wanted(self) -> Sequence[str]:
        return self.STEPS

    def _is_new(self, event: Mapping[str, Any]) -> bool:
        card = event.get("card") or {}
        return event.get("verb") == "matter.reported" and card.get("item") == self.ITEM

    def _between(self, one: str, other: str) -> float | None:
        came = self.at
        if one not in came or other not in came:
            return None
        return round((came[other] - came[one]).total_seconds(), 3)


@dataclass
class FenceStory(Story):
    """Somebody steps over the line at the water.

    Attributes:
        needs_truth: the camera says when it sent the crossing; a foreign camera does not.
    """

    needs_truth: bool = True
    crossed_at: datetime | None = None

    ITEM = "water_fence"
    STEPS = (
        "crossing",
        "alarm",
        "plan",
        "speech_asked",
        "offered",
        "voiced",
        "confirmed",
        "spoken",
        "looked",
        "accepted",
        "arrived",
        "reported",
        "verified",
        "closed",
        "rated",
    )

    def saw_truth(self, row: Mapping[str, Any]) -> None:
        sent_at = datetime.fromisoformat(row["sent_at"])
        if row["kind"] == "crossing" and sent_at >= self.asked_at and self.crossed_at is None:
            self.crossed_at = sent_at

    @property
    def at(self) -> Mapping[str, datetime]:
        found = {"crossing": self.crossed_at, "voiced": self.voiced_at}
        for way in self.ways.values():
            found |= {step: at for step, at in way.at.items() if step in self.STEPS}
        return {step: at for step, at in found.items() if at is not None}

    def figures(self) -> dict[str, float | None]:
        return {
            "alarm_latency_s": self._between("crossing", "alarm"),
            "speech_latency_s": self._between("alarm", "voiced"),
            "dispatch_latency_s": self._between("alarm", "offered"),
        }

    @property
    def _wanted(self) -> Sequence[str]:
        return self.STEPS if self.needs_truth else self.STEPS[1:]


@dataclass
class StallStory(Story):
    """Two stalls in one strip of the market street: one heeds the loudspeaker, one stays.

    Attributes:
        may_stay: how long one may stand there before it is an alarm.
        strip: the zone's name.
    """

    may_stay: timedelta = timedelta(0)
    strip: str = ""
    set_up: list[datetime] = field(default_factory=list)

    ITEM = "road_stall"
    MATTERS = 2
    REMINDERS: ClassVar = 3
    OF_WHO_STAYS: ClassVar = (
        "confirmed",
        "reminded",
        "looked",
        "offered",
        "accepted",
        "arrived",
        "reported",
        "verified",
        "closed",
        "rated",
    )
    STEPS = (
        "stall",
        "overstayed",
        "alarm",
        "plan",
        "speech_asked",
        "voiced",
        "second_alarm",
        "left",
        *OF_WHO_STAYS,
    )

    def saw_truth(self, row: Mapping[str, Any]) -> None:
        sent_at = datetime.fromisoformat(row["sent_at"])
        if row["kind"] == "enter" and row.get("zone") == self.strip and sent_at >= self.asked_at:
            self.set_up.append(sent_at)

    def saw_event(self, event: Mapping[str, Any], received_at: datetime) -> None:
        super().saw_event(event, received_at)
        way = self.ways.get(str(event.get("matter")))
        if way is not None and way.spoken == self.REMINDERS:
            way.mark("reminded", received_at)

    @property
    def at(self) -> Mapping[str, datetime]:
        alarms = sorted(self.ways.values(), key=lambda way: way.at["alarm"])
        found: dict[str, datetime | None] = {"voiced": self.voiced_at}
        if self.set_up:
            found |= {"stall": self.set_up[0], "overstayed": self.set_up[0] + self.may_stay}
        for step, way in zip(("alarm", "second_alarm"), alarms, strict=False):
            found[step] = way.at["alarm"]
        for step in ("plan", "speech_asked") if alarms else ():
            found[step] = alarms[0].at.get(step)
        # Until one has left, nobody knows which of the two it is that stays.
        heeds = next((way for way in alarms if "left" in way.at), None)
        stays = next((way for way in alarms if way is not heeds), None)
        if heeds is not None and stays is not None:
            found |= {step: stays.at.get(step) for step in self.OF_WHO_STAYS}
            found |= {"left": heeds.at["left"], "looked": stays.looked_at}
        return {step: at for step, at in found.items() if at is not None}

    def figures(self) -> dict[str, float | None]:
        """The alarm of the slower of the two; dispatch from the last look to the offer."""
        alarms = sorted(way.at["alarm"] for way in self.ways.values())
        late = [
            alarm - (at + self.may_stay) for at, alarm in zip(self.set_up, alarms, strict=False)
        ]
        slowest = round(max(late).total_seconds(), 3) if len(late) == self.MATTERS else None
        return {
            "alarm_latency_s": slowest,
            "speech_latency_s": self._between("alarm", "voiced"),
            "dispatch_latency_s": self._between("looked", "offered"),
        }
