# SPDX-License-Identifier: Apache-2.0
"""A drill as an outside client sees it: what came, what it still waits for, how long it took."""

from datetime import UTC, datetime, timedelta
from typing import Any

from jiedao.main.drill_story import FenceStory, StallStory

BEGIN = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def at(t_s: float) -> datetime:
    return BEGIN + timedelta(seconds=t_s)


def truth(kind: str, t_s: float, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "sent_at": at(t_s).isoformat(), **more}


def event(verb: str, matter: str, item: str = "", **payload: Any) -> dict[str, Any]:
    return {"verb": verb, "matter": matter, "card": {"item": item}, "payload": payload}


def acted(matter: str, action: str) -> dict[str, Any]:
    return event("matter.acted", matter, action=action)


def a_fence() -> FenceStory:
    story = FenceStory(BEGIN, "speaker-001")
    story.saw_truth(truth("crossing", 1))
    story.saw_event(event("matter.reported", "m", "water_fence"), at(1.4))
    story.saw_heard({"account": "speaker-001", "first_voiced_at": at(1.9).isoformat()})
    return story


def test_a_crossing_is_measured_from_the_picture_that_shows_it() -> None:
    story = a_fence()
    story.saw_event(event("task.offered", "m"), at(1.5))
    assert story.figures() == {
        "alarm_latency_s": 0.4,
        "speech_latency_s": 0.5,
        "dispatch_latency_s": 0.1,
    }
    assert story.waits_for == "plan"


def test_what_was_before_or_belongs_to_others_is_not_its_own() -> None:
    story = FenceStory(BEGIN, "speaker-001")
    story.saw_truth(truth("crossing", -1))
    story.saw_event(event("matter.reported", "old", "water_fence"), at(-1))
    story.saw_event(event("matter.reported", "stall", "road_stall"), at(1))
    story.saw_heard({"account": "speaker-001", "first_voiced_at": at(1).isoformat()})
    assert story.steps() == []
    story = a_fence()
    story.voiced_at = None
    story.saw_heard({"account": "speaker-002", "first_voiced_at": at(3).isoformat()})
    assert story.voiced_at is None


def test_the_desk_confirms_at_once_and_verifies_after_report_and_look() -> None:
    story = a_fence()
    assert story.deeds() == [("m", "confirm")]
    story.saw_event(acted("m", "confirm_underway"), at(2))
    story.saw_event(event("task.reported", "m"), at(9))
    assert story.deeds() == []
    story.saw_event(event("plan.step_done", "m", found="clear"), at(10))
    assert story.deeds() == [("m", "verify_pass")]
    story.saw_event(acted("m", "verify_pass"), at(11))
    assert story.deeds() == [("m", "rate")]


def two_stalls() -> StallStory:
    """Both are in the strip and reported; each was spoken to once."""
    story = StallStory(BEGIN, "speaker-002", may_stay=timedelta(seconds=12), strip="free_strip")
    for t_s in (1.0, 5.0):
        story.saw_truth(truth("enter", t_s, zone="free_strip"))
    for matter, t_s in (("one", 13.3), ("other", 17.6)):
        story.saw_event(event("matter.reported", matter, "road_stall"), at(t_s))
        story.saw_event(event("plan.started", matter), at(t_s))
        story.saw_event(event("announcement.asked", matter), at(t_s))
        story.saw_event(event("announcement.played", matter), at(t_s + 6))
    story.saw_heard({"account": "speaker-002", "first_voiced_at": at(13.9).isoformat()})
    return story


def test_two_stalls_are_measured_by_the_slower_alarm() -> None:
    story = two_stalls()
    assert story.figures()["alarm_latency_s"] == 0.6
    assert story.waits_for == "left"


def test_whoever_leaves_is_done_with_and_the_other_is_followed_to_the_end() -> None:
    story = two_stalls()
    story.saw_event(acted("one", "settle"), at(25))
    assert story.deeds() == [("other", "confirm")]
    story.saw_event(acted("other", "confirm"), at(26))
    for t_s in (30.0, 40.0):
        story.saw_event(event("plan.step_done", "other", found="not_clear"), at(t_s - 5))
        story.saw_event(event("announcement.played", "other"), at(t_s))
    story.saw_event(event("plan.step_done", "other", found="not_clear"), at(45))
    assert story.waits_for == "offered"
    for verb, t_s in (
        ("task.offered", 45.2),
        ("task.accepted", 47),
        ("task.arrived", 50),
        ("task.reported", 55),
    ):
        story.saw_event(event(verb, "other"), at(t_s))
    assert story.deeds() == [("other", "verify_pass")]
    story.saw_event(acted("other", "verify_pass"), at(56))
    story.saw_event(acted("other", "rate"), at(57))
    assert story.is_closed
    assert story.figures()["dispatch_latency_s"] == 0.2
    assert [step["name"] for step in story.steps()][:3] == ["stall", "overstayed", "alarm"]


def test_a_drill_in_which_both_leave_or_one_merges_into_the_other_does_not_close() -> None:
    story = two_stalls()
    for matter in ("one", "other"):
        story.saw_event(acted(matter, "settle"), at(25))
    assert story.waits_for == "confirmed"
    merged = StallStory(BEGIN, may_stay=timedelta(seconds=12), strip="free_strip")
    merged.saw_truth(truth("enter", 1, zone="free_strip"))
    merged.saw_event(event("matter.reported", "one", "road_stall"), at(13))
    merged.saw_event(event("matter.repeated", "one", "road_stall"), at(17))
    assert merged.figures()["alarm_latency_s"] is None
    assert "second_alarm" not in merged.at
