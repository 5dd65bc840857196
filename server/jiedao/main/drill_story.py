# SPDX-License-Identifier: Apache-2.0
"""What a drill waits for, and what it measures: fed with happenings, answers with figures. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: The way of the main job, in the order in which it is told. Each is seen from outside.
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
}


@dataclass
class Story:
    """One drill as seen by an independent client.

    Attributes:
        asked_at: when the drill began; what was before does not belong to it.
        needs_truth: the camera says when it sent the crossing; a foreign camera does not.
    """

    asked_at: datetime
    needs_truth: bool = True
    matter: str | None = None
    tasks: dict[str, str] = field(default_factory=dict)
    at: dict[str, datetime] = field(default_factory=dict)

    def saw_truth(self, row: Mapping[str, Any]) -> None:
        """The camera says what it sent, and when."""
        sent_at = datetime.fromisoformat(row["sent_at"])
        if row["kind"] == "crossing" and sent_at >= self.asked_at:
            self._mark("crossing", sent_at)

    def saw_event(self, event: Mapping[str, Any], received_at: datetime) -> None:
        """The feed brought an event."""
        verb, matter = str(event.get("verb", "")), event.get("matter")
        if verb == "matter.reported" and self.matter is None and self._is_ours(event, received_at):
            self.matter = str(matter)
            self._mark("alarm", received_at)
        if matter is None or str(matter) != self.matter:
            return
        payload = event.get("payload") or {}
        if verb in _VERBS:
            self._mark(_VERBS[verb], received_at)
        if verb == "plan.step_done" and "found" in payload:
            self._mark("looked", received_at)
        for step in _ACTIONS.get(str(payload.get("action")), ()) if verb == "matter.acted" else ():
            self._mark(step, received_at)

    def saw_heard(self, row: Mapping[str, Any]) -> None:
        """The loudspeaker says what it heard, and when."""
        voiced_at = row.get("first_voiced_at")
        if voiced_at and "alarm" in self.at:
            at = datetime.fromisoformat(voiced_at)
            if at >= self.asked_at:
                self._mark("voiced", at)

    @property
    def is_closed(self) -> bool:
        return all(step in self.at for step in self._wanted)

    @property
    def waits_for(self) -> str | None:
        """The first step that has not come; None once all have."""
        return next((step for step in self._wanted if step not in self.at), None)

    def steps(self) -> list[dict[str, Any]]:
        """Every step that came with its time in seconds from the first."""
        if not self.at:
            return []
        start = min(self.at.values())
        told = sorted(self.at.items(), key=lambda pair: pair[1])
        return [{"name": n, "t_s": round((at - start).total_seconds(), 3)} for n, at in told]

    def figures(self) -> dict[str, float | None]:
        """The three latencies, in seconds."""
        return {
            "alarm_latency_s": self._between("crossing", "alarm"),
            "speech_latency_s": self._between("alarm", "voiced"),
            "dispatch_latency_s": self._between("alarm", "offered"),
        }

    @property
    def _wanted(self) -> tuple[str, ...]:
        return STEPS if self.needs_truth else STEPS[1:]

    def _is_ours(self, event: Mapping[str, Any], received_at: datetime) -> bool:
        card = event.get("card") or {}
        return card.get("item") == "water_fence" and received_at >= self.asked_at

    def _mark(self, step: str, at: datetime) -> None:
        self.at.setdefault(step, at)

    def _between(self, one: str, other: str) -> float | None:
        if one not in self.at or other not in self.at:
            return None
        return round((self.at[other] - self.at[one]).total_seconds(), 3)
