# SPDX-License-Identifier: Apache-2.0
"""The shapes of the desk's and the phone's answers, held at both ends.

The type checker holds whoever makes an answer to them, the API refuses to send another, and the
browser's types are made from them (`scripts/browser_types.py`). Times are UTC, positions WGS-84
degrees, pictures and sounds are named by their SHA-256.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NotRequired
from uuid import UUID

from pydantic import ConfigDict, with_config

# pydantic reads its own error if `typing` gives the class before Python 3.12.
from typing_extensions import TypedDict

from jiedao.catalog.rules import Work

EXACT = ConfigDict(extra="forbid")

#: Facts whose names depend on what they are about.
Facts = dict[str, Any]
Severity = Literal[1, 2, 3, 4]
TaskState = Literal[
    "offered",
    "accepted",
    "on_scene",
    "done",
    "confirmed",
    "sent_back",
    "expired",
    "withdrawn",
    "refused",
]
FixSource = Literal["fix", "checkin", "post"]

StepState = Literal["waiting", "running", "done", "stopped", "failed", "skipped"]
HornState = Literal["unknown", "online", "offline"]
SpeechState = Literal["asked", "claimed", "calling", "playing", "played", "failed", "stopped"]
EvidenceKind = Literal["still", "clip", "report", "photo", "snapshot", "heard"]
CameraState = Literal["live", "stale", "offline", "idle", "unknown"]

Words = TypedDict("Words", {"zh-CN": str, "en": str})
"""A text in both languages."""


def words(text: Mapping[Any, str]) -> Words:  # Any: a narrower key than str is a key all the same
    """A text of the catalogue or the trail.

    Raises:
        KeyError: one of the languages is missing.
    """
    return {"zh-CN": text["zh-CN"], "en": text["en"]}


@with_config(EXACT)
class Spot(TypedDict):
    """A place on the map."""

    id: str
    name: str
    path: str
    lon: float | None
    lat: float | None


@with_config(EXACT)
class OnWay(TypedDict):
    """Who was sent last."""

    name: str
    party: str
    state: TaskState


@with_config(EXACT)
class Card(TypedDict):
    """A matter as queues and maps show it; the feed carries the same, made by `feed_card`.

    `state` is one of the matter's flow, which is data. `confirmed`: a person has seen it and
    called it real; a plan may act before that. `solved`: it was solved on the spot. `late` names
    the deadlines that passed, `told` who is called for.
    """

    id: str
    number: str
    item: str
    title: Words
    place: Spot
    community: str
    severity: Severity
    state: str
    version: int
    confirmed: bool
    solved: bool
    late: list[str]
    told: list[str]
    merged_into: str | None
    source: str
    opened_at: str
    last_seen_at: str
    due_at: str | None
    respond_by: str | None
    closed_at: str | None
    still: str | None
    times: int
    camera: str | None
    zone: str
    on_way: OnWay | None
    demo: bool


@with_config(EXACT)
class Person(TypedDict):
    """Somebody on duty: where, how old that is, and with what they are busy.

    `heard_age_s` and `battery_pct` are of the phone's last position, even one too old to be used.
    """

    id: UUID
    name: str
    post: str
    unit: str
    lon: float | None
    lat: float | None
    fix_source: FixSource | None
    fix_age_s: float | None
    heard_age_s: float | None
    battery_pct: int | None
    state: Literal["free", "offered", "busy"]
    task: UUID | None


@with_config(EXACT)
class Candidate(TypedDict):
    """Somebody who can go, with the reasons for the place in the list."""

    party: UUID
    name: str
    post: str
    unit: str
    distance_m: float
    travel_s: float
    fix_source: FixSource
    fix_age_s: float | None
    heard_age_s: float | None
    battery_pct: int | None
    reasons: list[str]


@with_config(EXACT)
class CameraCount(TypedDict):
    """Own cameras in all, and those not known to be in trouble."""

    online: int
    total: int
    asked_at: int


@with_config(EXACT)
class Count(TypedDict):
    """Devices in all, and those not known to be offline."""

    online: int
    total: int


@with_config(EXACT)
class Duty(TypedDict):
    """Who sits at this desk."""

    name: str


@with_config(EXACT)
class DeskSnapshot(TypedDict):
    """What the desk starts from; the feed goes on after `position`."""

    position: int
    at: datetime
    cards: list[Card]
    cameras: CameraCount
    loudspeakers: Count
    on_duty: int
    duty: Duty
    people: list[Person]


@with_config(EXACT)
class ActionOffer(TypedDict):
    """What may be done now; `missing` names what still stands in the way."""

    action: str
    key: str
    needs: list[str]
    missing: list[str]


@with_config(EXACT)
class Handover(TypedDict):
    """What an earlier shift left for this one; `note` is null once it was erased."""

    id: UUID
    at: datetime
    who: str
    note: str | None


@with_config(EXACT)
class FileOfRow(TypedDict):
    """A kept file and its media type."""

    sha256: str
    type: str


@with_config(EXACT)
class TimelineRow(TypedDict):
    """A record in words; `position` is null until it is sealed, `note` what a person wrote."""

    position: int | None
    at: datetime
    device_at: datetime | None
    verb: str
    words: Words
    who: str
    screen: str
    note: str | None
    blobs: list[FileOfRow]
    facts: Facts


@with_config(EXACT)
class Task(TypedDict):
    """A task as desk and phone show it; `why` holds the choice and its runners-up."""

    id: UUID
    matter: UUID
    number: str
    kind: str
    party: UUID
    name: str
    title: Words
    place: Spot
    severity: Severity
    state: TaskState
    offered_at: datetime
    expires_at: datetime | None
    accepted_at: datetime | None
    arrived_at: datetime | None
    begun_at: datetime | None
    reported_at: datetime | None
    due_at: datetime | None
    distance_m: float | None
    still: str | None
    blobs: list[str]
    why: Facts


@with_config(EXACT)
class PlanStep(TypedDict):
    """A step of a running plan."""

    id: UUID
    step: str
    name: Words
    do: Work
    state: StepState
    due_at: datetime | None
    done_at: datetime | None
    result: Facts


@with_config(EXACT)
class PlanRun(TypedDict):
    """A plan at work on a matter."""

    run: UUID
    pack: str
    name: Words
    started_at: datetime
    ended_at: datetime | None
    steps: list[PlanStep]


@with_config(EXACT)
class Evidence(TypedDict):
    """A file that proves something; a clip has the capture time of its first picture, if known."""

    sha256: str
    type: str
    what: EvidenceKind
    at: datetime | str | None
    began_at: NotRequired[str | None]


@with_config(EXACT)
class Lead(TypedDict):
    """The matter that another one comes of; its clip says when and where, and proves nothing."""

    matter: UUID
    number: str
    clip: str | None


@with_config(EXACT)
class Phrase(TypedDict):
    """Ready words for a loudspeaker."""

    phrase: str
    key: str
    text: str
    life_safety: bool


@with_config(EXACT)
class PhraseHere(Phrase):
    """The same at a matter; `own`: the matter's own pack brings it."""

    own: bool


@with_config(EXACT)
class LoudspeakerHere(TypedDict):
    """A loudspeaker near a matter."""

    id: UUID
    name: str
    distance_m: float
    volume: int
    state: HornState
    lon: float | None
    lat: float | None
    phrases: list[PhraseHere]


@with_config(EXACT)
class Horn(TypedDict):
    """A loudspeaker in use; `rests`: it is quiet now, but for words that save lives."""

    id: UUID
    name: str
    community: str
    state: HornState
    volume: int
    rests: bool


@with_config(EXACT)
class Horns(TypedDict):
    """Loudspeakers in use and what they can say.

    From `asked_twice_from` loudspeakers on, a person is shown their number before they speak.
    """

    loudspeakers: list[Horn]
    phrases: list[Phrase]
    asked_twice_from: int
    most_signs: int
    loudest: int


@with_config(EXACT)
class Unspoken(TypedDict):
    """A loudspeaker at which words came to nothing, and why, as a code and in words."""

    name: str
    code: str
    why: Words


@with_config(EXACT)
class BroadcastNow(TypedDict):
    """How far words for several loudspeakers have come."""

    batch: UUID
    number: int
    states: dict[SpeechState, int]
    over: bool
    failed: list[Unspoken]


@with_config(EXACT)
class BroadcastBegun(BroadcastNow):
    """The same as it begins; `refused` gives the codes of loudspeakers that may not speak now."""

    refused: dict[str, str]


@with_config(EXACT)
class Announcement(TypedDict):
    """What a loudspeaker was asked to say; `live`: in somebody's own voice, and `text` is empty.

    `failure` is why it came to nothing, a message code. `heard_match` is the likeness, 0..1, of
    what was heard to what was rendered.
    """

    id: UUID
    loudspeaker: UUID
    name: str
    text: str
    state: SpeechState
    live: bool
    failure: str | None
    asked_at: datetime
    first_packet_at: datetime | None
    finished_at: datetime | None
    heard: str | None
    heard_match: float | None


class Zone(TypedDict):
    """An area that is watched, in picture units 0..1, x right, y down."""

    name: str
    polygon: list[tuple[float, float]]


class Line(TypedDict):
    """A line that is watched, in picture units."""

    name: str
    points: list[tuple[float, float]]


@with_config(ConfigDict(extra="allow"))
class ZonePlan(TypedDict, total=False):
    """What a camera watches; the file may say more, which is passed on."""

    zones: list[Zone]
    lines: list[Line]


@with_config(EXACT)
class Camera(TypedDict):
    """A camera with its state; silence of whoever pulls it is not taken for health.

    `has_stream`: it has an address that pictures can be pulled from.
    """

    id: UUID
    code: str
    name: str
    kind: str
    lon: float | None
    lat: float | None
    armed: bool
    registered_only: bool
    has_stream: bool
    purpose: str
    zones: ZonePlan
    state: CameraState
    why: str
    since: datetime | None
    demo: bool


@with_config(EXACT)
class Accepted(TypedDict):
    """That something was taken as meant."""

    accepted: bool


@with_config(EXACT)
class CameraHealthRow(TypedDict):
    """How a camera fares, and how much of what it showed was not judged.

    `reason` is `why` in words, `matter` the open matter of its fault. Pictures are counted since
    its holder's start; `blindness` is the share of the last minute's due pictures that no rule
    judged, 0..1, null where no rule works; `at` is of the holder's last word.
    """

    camera: UUID
    code: str
    name: str
    kind: str
    place_path: str
    armed: bool
    state: CameraState
    since: datetime | None
    why: str
    reason: Words | None
    matter: UUID | None
    fps: float
    bitrate_kbps: float
    clock_drift_s: float
    clock_skew_s: float
    analysed: int
    calibrating: int
    skipped: int
    dropped: int
    blindness: float | None
    at: datetime | None


@with_config(EXACT)
class Sealing(TypedDict):
    """How much of a matter's way is sealed, and the head of the whole trail."""

    records: int
    sealed: int
    position: int
    head: str


@with_config(EXACT)
class DeadlineOut(TypedDict):
    """When something must be done, who is told if it is not, and whether it still matters."""

    deadline: str
    name: Words
    at: datetime
    tell: list[str]
    told_at: datetime | None
    unmet: bool


@with_config(EXACT)
class MatterDetail(TypedDict):
    """One matter whole."""

    card: Card
    actions: list[ActionOffer]
    timeline: list[TimelineRow]
    tasks: list[Task]
    plan: PlanRun | None
    evidence: list[Evidence]
    lead: Lead | None
    merged: list[Card]
    deadlines: list[DeadlineOut]
    loudspeakers: list[LoudspeakerHere]
    camera: Camera | None
    announcements: list[Announcement]
    trace: Sealing


@with_config(EXACT)
class AnnouncementStopped(TypedDict):
    """An announcement that was told to stop."""

    announcement: UUID


@with_config(EXACT)
class StepStopped(TypedDict):
    """A step of a plan that was stopped."""

    step: UUID


@with_config(EXACT)
class Item(TypedDict):
    """What can be raised by hand."""

    item: str
    name: Words
    severity: Severity


@with_config(EXACT)
class Me(TypedDict):
    """Whose phone it is."""

    id: UUID
    name: str
    post: str
    unit: str


@with_config(EXACT)
class Shift(TypedDict):
    """Since when one is on duty."""

    checked_in_at: datetime | None


@with_config(EXACT)
class Today(TypedDict):
    """What the phone's first screen shows; `told` is for the duty lead, `done` what is over."""

    position: int
    at: datetime
    me: Me
    shift: Shift
    told: list[Card]
    tasks: list[Task]
    done: list[Task]


ExportState = Literal["asked", "working", "done", "failed"]
KeptAs = Literal["continuous", "matter"]
SegmentShown = TypedDict(
    "SegmentShown",
    {
        "id": UUID,
        "from": datetime,
        "to": datetime,
        "sha256": str,
        "size_bytes": int,
        "kept_as": KeptAs,
        "matter": UUID | None,
        "held": bool,
    },
)
#: A span without a usable picture; `to` is null while it lasts, `reason` is `why` in words.
GapShown = TypedDict(
    "GapShown",
    {"from": datetime, "to": datetime | None, "why": str, "reason": Words},
)
#: A span of a camera's recording; `recorded` says whether it is recorded round the clock now,
#: `retention` has floor and ceiling in days, by class.
SpanShown = TypedDict(
    "SpanShown",
    {
        "camera": UUID,
        "from": datetime,
        "to": datetime,
        "recorded": bool,
        "segments": list[SegmentShown],
        "gaps": list[GapShown],
        "retention": dict[str, tuple[float, float]],
    },
)


class ReplayOpened(TypedDict):
    """A span is open to the asker until then."""

    opening: UUID
    until: datetime


class ExportAsked(TypedDict):
    """The export that was asked for."""

    export: UUID


#: How an export fares; `position` is its record's in the trail, null until that is sealed.
ExportShown = TypedDict(
    "ExportShown",
    {
        "id": UUID,
        "camera": UUID,
        "from": datetime,
        "to": datetime,
        "state": ExportState,
        "why": str,
        "sha256": str,
        "size_bytes": int,
        "masked": bool,
        "record": UUID | None,
        "position": int | None,
    },
)


class HoldSet(TypedDict):
    """The hold that was set."""

    hold: UUID


class HoldLifted(TypedDict):
    """The hold is lifted."""

    lifted: bool


class RecordingSet(TypedDict):
    """Whether the camera is recorded now."""

    recorded: bool


class Kept(TypedDict):
    """How long a class of recordings is kept, in days."""

    floor_days: float
    ceiling_days: float
