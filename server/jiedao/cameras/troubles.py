# SPDX-License-Identifier: Apache-2.0
"""Which cameras count as lost, and which faults somebody has to see to. Pure: times are given."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from jiedao.cameras.messages import Condition

HELD_S: Final = 3.0
"""Trouble for less than this is a hiccup, neither a loss worth a record nor a matter."""
WELL_S: Final = 5.0
"""A camera that is well for less than this may be lost again at once; its matter waits."""

SIGNALS: Final = {
    "camera.unreachable": "device.camera_lost",
    "camera.silent": "device.camera_lost",
    "camera.hung_up": "device.camera_lost",
    "camera.changed": "device.camera_lost",
    "camera.refused_login": "device.camera_misset",
    "camera.no_such_stream": "device.camera_misset",
    "camera.redirects": "device.camera_misset",
    "camera.unsupported": "device.camera_misset",
    "camera.address_refused": "device.camera_misset",
    "camera.garbled": "device.camera_garbled",
    "camera.kills_decoder": "device.camera_garbled",
    "camera.frozen": "device.camera_frozen",
    "camera.black": "device.camera_black",
    "camera.covered": "device.camera_covered",
    "camera.moved": "device.camera_moved",
    "camera.starved": "device.camera_starved",
    "camera.skewed": "device.camera_skewed",
}
"""What is signalled of a fault. One outage shows as several codes in turn, and is one matter."""


@dataclass(frozen=True, slots=True)
class Turns:
    """What changed with the latest words.

    Attributes:
        lost: cameras without a usable picture since HELD_S, with the fault's code.
        back: those that give one again, with how long they were without, in seconds.
        faulty: cameras with a fault that somebody has to see to, with its code.
        well: cameras that have long enough been without other faults than this signal's, "" for
            none at all: matters of all others end. Of a camera that gives no picture nobody knows.
    """

    lost: dict[UUID, str] = field(default_factory=dict)
    back: dict[UUID, float] = field(default_factory=dict)
    faulty: dict[UUID, str] = field(default_factory=dict)
    well: dict[UUID, str] = field(default_factory=dict)

    def __or__(self, later: "Turns") -> "Turns":
        """These and then the later ones, for whoever could not write these in time."""
        faulty = {c: code for c, code in self.faulty.items() if c not in later.well}
        well = {c: signal for c, signal in self.well.items() if c not in later.faulty}
        return Turns(
            self.lost | later.lost,
            self.back | later.back,
            faulty | later.faulty,
            well | later.well,
        )


@dataclass(slots=True)
class _Known:
    """What is known of one camera; times are monotonic seconds."""

    trouble_since_s: float | None = None
    is_lost: bool = False
    signal: str | None = None
    signal_since_s: float = 0.0
    told: str | None = None


@dataclass(slots=True)
class Troubles:
    """Follows the cameras of one media process."""

    _known: dict[UUID, _Known] = field(default_factory=dict)

    def hear(self, conditions: Sequence[Condition], now_s: float) -> Turns:
        """Take the latest words."""
        turns = Turns()
        for condition in conditions:
            if condition.state == "idle":
                # Nobody pulls it, so nobody knows: its matters stay as they are.
                self._known.pop(condition.camera, None)
            elif condition.code != "camera.opening":
                known = self._known.setdefault(condition.camera, _Known())
                _hear_loss(condition, known, now_s, turns)
                _hear_fault(condition, known, now_s, turns)
        return turns


def _hear_loss(condition: Condition, known: _Known, now_s: float, turns: Turns) -> None:
    """Whether it gives a usable picture."""
    if condition.state == "live":
        if known.is_lost and known.trouble_since_s is not None:
            turns.back[condition.camera] = now_s - known.trouble_since_s
        known.trouble_since_s, known.is_lost = None, False
        return
    if known.trouble_since_s is None:
        known.trouble_since_s = now_s
    if not known.is_lost and now_s - known.trouble_since_s >= HELD_S:
        known.is_lost = True
        turns.lost[condition.camera] = condition.code


def _hear_fault(condition: Condition, known: _Known, now_s: float, turns: Turns) -> None:
    """Whether somebody has to see to it."""
    is_live = condition.state == "live"
    signal = SIGNALS.get(condition.code, "")
    if not signal and not is_live:
        return
    if signal != known.signal:
        known.signal, known.signal_since_s = signal, now_s
    held_s = now_s - known.signal_since_s
    if signal == known.told or held_s < (HELD_S if signal else WELL_S):
        return
    known.told = signal
    if signal:
        turns.faulty[condition.camera] = condition.code
    if is_live:
        turns.well[condition.camera] = signal
