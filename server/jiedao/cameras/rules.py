# SPDX-License-Identifier: Apache-2.0
"""Which of a rule's events are alarms. Pure."""

from collections.abc import Mapping
from typing import Any

from jiedao.vision.values import Event, Kind

SIGNALS = {
    Kind.ENTER: "fence.enter",
    Kind.CROSSING: "fence.crossing",
    Kind.LOITERING: "fence.loitering",
}


def signal_of(event: Event, zones: Mapping[str, Any]) -> str | None:
    """The kind of signal that an event is, or None if nobody is to be told.

    Args:
        zones: the camera's plan as kept in the registry. A zone or line with ``"alarm": false``
            is only watched; a line with ``"heading": [dx, dy]`` alarms one way only; a loitering
            rule with ``"signal": "stall.stays"`` says what a stay of that length is, and is told
            even where the zone itself is only watched.
    """
    kind = SIGNALS.get(event.kind)
    if kind is None:
        return None
    place = _place(event, zones)
    for rule in place.get("rules", ()) if event.kind is Kind.LOITERING else ():
        if rule.get("signal") and rule.get("threshold_s") == event.threshold_s:
            return str(rule["signal"])
    if place.get("alarm") is False:
        return None
    wanted = place.get("heading")
    if event.kind is Kind.CROSSING and wanted and event.heading:
        ahead = event.heading[0] * float(wanted[0]) + event.heading[1] * float(wanted[1])
        if ahead <= 0:
            return None
    return kind


def _place(event: Event, zones: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any]
    for found in zones.get("lines" if event.kind is Kind.CROSSING else "zones", ()):
        if found.get("name") == event.place:
            return found
    return {}
