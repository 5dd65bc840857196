# SPDX-License-Identifier: Apache-2.0
"""The duty desk's routes."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jiedao.base.blobs import BlobStore
from jiedao.base.database import Tx
from jiedao.base.errors import BadInput, NotFound
from jiedao.base.ids import MatterId
from jiedao.base.settings import load_settings
from jiedao.cameras.actions import ask_clip
from jiedao.catalog.errors import UnknownItem
from jiedao.catalog.store import Catalogue
from jiedao.desk import devices, view
from jiedao.desk.answers import (
    AnnouncementStopped,
    Candidate,
    DeskSnapshot,
    Handover,
    Item,
    MatterDetail,
    Person,
    StepStopped,
    TimelineRow,
)
from jiedao.desk.saying import words_of
from jiedao.dispatch import actions as dispatch
from jiedao.matters import actions as matters
from jiedao.matters import store as matter_store
from jiedao.plans import actions as plans
from jiedao.signals.models import Upload
from jiedao.town import door
from jiedao.town.calendar import local_day
from jiedao.town.models import Party, Place
from jiedao.town.store import community_of, nearest_place, place_of
from jiedao.trace.writing import answer_of, once
from jiedao.voice import actions as voice

router = Router(tags=["desk"], auth=door.signed_in)

#: A still older than this does not show what somebody sees now.
STILL_FRESH = timedelta(seconds=15)
NOTE = Field(default=None, max_length=2000)


class Act(Schema):
    """What every act carries: its client-made id."""

    act_id: UUID


class MatterAct(Act):
    note: str | None = NOTE
    reason: str | None = Field(default=None, max_length=80)
    into: UUID | None = None
    rating: int | None = Field(default=None, ge=1, le=5)
    blobs: list[str] = Field(default=[], max_length=12)


class Raised(Act):
    item: str = "seen_by_people"
    camera: UUID | None = None
    place: UUID | None = None
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    note: str | None = NOTE
    blobs: list[str] = Field(default=[], max_length=12)
    solved: bool = False


class HandedOver(Act):
    note: str = Field(min_length=1, max_length=2000)


class Sent(Act):
    party: UUID


class Said(Act):
    loudspeaker: UUID
    phrase: str | None = None
    text: str | None = Field(default=None, max_length=200)
    override_reason: str = Field(default="", max_length=80)


@router.get("/desk/snapshot", response=DeskSnapshot)
def snapshot(request: HttpRequest) -> DeskSnapshot:
    """What the desk starts from."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "desk")
        return view.snapshot(tx.actor, tx.now)


@router.get("/matters/{matter_id}", response=MatterDetail)
def detail(request: HttpRequest, matter_id: UUID) -> MatterDetail:
    """One matter whole.

    "actions" is what the asker may do now, each with its key, what it "needs" and what is
    "missing". "merged" are the cards of matters that became a part of it, whose pictures stand
    among its "evidence". "deadlines" says of each when it passes, whom it calls for ("tell"),
    whether that was told, and whether the thing is still "unmet".
    """
    with door.acting(request) as tx:
        return view.detail(tx.actor, matter_id, tx.now)


@router.get("/matters/{matter_id}/timeline", response=list[TimelineRow])
def earlier(
    request: HttpRequest, matter_id: UUID, before: Annotated[int, Field(ge=0, lt=2**63)]
) -> list[TimelineRow]:
    """What happened in a matter before a position of the trail: a page of its timeline."""
    with door.acting(request):
        matter_store.read(matter_id)
        return view.timeline(matter_id, before)


@router.post("/matters/{matter_id}/acts/{action}", response=MatterDetail)
def act(request: HttpRequest, matter_id: UUID, action: str, given: MatterAct) -> MatterDetail:
    """Do an action of the matter's flow: one of those that the matter's "actions" name.

    Such as confirm, feedback (needs "note"), false_alarm, transfer, escalate 上报, verify_return or
    reopen (need "reason": a code, or words that are kept apart from the record), merge (needs
    "into", an open matter), verify_pass, sample 抽查, rate (needs "rating"), note (needs "note").
    The same act id with other content is refused at the desk; from the field it is done as well,
    as one more version.
    """
    with door.acting(request) as tx:
        values = given.dict(exclude={"act_id"})

        def perform() -> dict[str, object]:
            matters.act(tx, matter_id, action, values)
            return {}

        revise = None if matters.is_duty_room(tx) else perform
        once(tx, given.act_id, {"do": action, "matter": matter_id, **values}, perform, revise)
        return view.detail(tx.actor, matter_id, tx.now)


@router.post("/matters", response=MatterDetail)
def raise_matter(request: HttpRequest, given: Raised) -> MatterDetail:
    """人工发现: whoever watches a picture or stands at a place raises a matter from it.

    With "solved" it is filed as solved on the spot 即时办结, with the evidence that its item asks
    for. The same act id with other content is refused at the desk; from the field it is kept as a
    new version of what was raised, and the answer is the same matter.
    """
    with door.acting(request) as tx:
        values = given.dict(exclude={"act_id"})
        revise = None if matters.is_duty_room(tx) else lambda: _revise(tx, given)
        answer = once(
            tx, given.act_id, {"do": "raise", **values}, lambda: _raise(tx, given), revise
        )
        return view.detail(tx.actor, UUID(str(answer["matter"])), tx.now)


@router.get("/matters/{matter_id}/candidates", response=list[Candidate])
def candidates(request: HttpRequest, matter_id: UUID) -> list[dict[str, Any]]:
    """Who can go, nearest first, each with reasons.

    "fix_age_s" is the age of the position that the distance is measured from; "heard_age_s" of the
    phone's last position, even one too old to be used (over 5 min); "battery_pct" is what the phone
    had left then. Each is null where nobody knows.
    """
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "candidates")
        matter = matter_store.read(matter_id)
        ranked = dispatch.nearest(tx, matter)
        return [asdict(candidate) for candidate in ranked[:10]]


@router.post("/matters/{matter_id}/dispatch", response=MatterDetail)
def send(request: HttpRequest, matter_id: UUID, given: Sent) -> MatterDetail:
    """Send somebody."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "dispatch")

        def perform() -> dict[str, object]:
            dispatch.send(tx, matter_id, given.party)
            return {}

        once(tx, given.act_id, {"do": "send", "matter": matter_id, "party": given.party}, perform)
        return view.detail(tx.actor, matter_id, tx.now)


@router.post("/tasks/{task_id}/withdraw", response=MatterDetail)
def withdraw(request: HttpRequest, task_id: UUID, given: Act) -> MatterDetail:
    """Take an offer back."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "withdraw")
        matter_id = matter_store.matter_of_task(task_id)

        def perform() -> dict[str, object]:
            matters.move_task(tx, task_id, "task.withdrawn")
            return {}

        once(tx, given.act_id, {"do": "withdraw", "task": task_id}, perform)
        return view.detail(tx.actor, matter_id, tx.now)


@router.post("/matters/{matter_id}/talk", response=MatterDetail)
def talk(request: HttpRequest, matter_id: UUID, given: Said) -> MatterDetail:
    """Speak through a loudspeaker, by phrase or by text."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "talk")
        matter = matter_store.read(matter_id)
        text, safety = words_of(tx.now, given.phrase, given.text)

        def perform() -> dict[str, object]:
            asked = voice.ask_announcement(
                tx,
                loudspeaker=given.loudspeaker,
                matter=MatterId(matter.id),
                text=text,
                phrase=given.phrase,
                life_safety=safety,
                override_reason=given.override_reason.strip(),
                place_path=matter.place_path,
            )
            return {"announcement": str(asked)}

        values = given.dict(exclude={"act_id"})
        once(tx, given.act_id, {"do": "talk", "matter": matter_id, **values}, perform)
        return view.detail(tx.actor, matter_id, tx.now)


@router.post("/announcements/{announcement_id}/stop", response=AnnouncementStopped)
def stop_talking(request: HttpRequest, announcement_id: UUID, given: Act) -> AnnouncementStopped:
    """Stop a loudspeaker."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "talk")

        def perform() -> dict[str, object]:
            voice.stop_announcement(tx, announcement_id)
            return {}

        once(tx, given.act_id, {"do": "stop", "announcement": announcement_id}, perform)
        return {"announcement": announcement_id}


@router.post("/plan-steps/{step_id}/stop", response=StepStopped)
def stop_step(request: HttpRequest, step_id: UUID, given: Act) -> StepStopped:
    """Stop a step of a plan."""
    with door.acting(request) as tx:

        def perform() -> dict[str, object]:
            plans.stop_step(tx, step_id)
            return {}

        once(tx, given.act_id, {"do": "stop_step", "step": step_id}, perform)
        return {"step": step_id}


@router.get("/desk/handovers", response=list[Handover])
def handovers(request: HttpRequest) -> list[Handover]:
    """What earlier shifts left for this one, the newest first."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "desk")
        return view.handovers(tx.now)


@router.post("/desk/handovers", response=list[Handover])
def hand_over(request: HttpRequest, given: HandedOver) -> list[Handover]:
    """Leave words for the next shift."""
    with door.acting(request) as tx:

        def perform() -> dict[str, object]:
            dispatch.hand_over(tx, given.note)
            return {}

        once(tx, given.act_id, {"do": "hand_over", "note": given.note}, perform)
        return view.handovers(tx.now)


@router.get("/people", response=list[Person])
def people(request: HttpRequest) -> list[Person]:
    """Who is on duty, where, doing what."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "people")
        return view.on_duty_people(tx.now)


@router.get("/items", response=list[Item])
def items(request: HttpRequest) -> list[dict[str, Any]]:
    """What can be raised by hand."""
    with door.acting(request) as tx:
        found = Catalogue(local_day(tx.now)).items()
        return [
            {"item": code, "name": item.name, "severity": item.severity}
            for code, item in found.items()
            if item.by_hand
        ]


def _keep_still(camera: UUID, now: datetime) -> str | None:
    """Keep what the camera shows now; None if there is no picture, or only one of earlier.

    What a person has seen is taken on all the same.
    """
    try:
        file = devices.still_file(camera)
        taken_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        picture = file.read_bytes()
    except (NotFound, FileNotFoundError):
        return None
    if now - taken_at > STILL_FRESH:
        return None
    return BlobStore(load_settings().blob_dir).put(picture).sha256


def _raise(tx: Tx, given: Raised) -> dict[str, object]:
    catalogue = Catalogue(local_day(tx.now))
    if not catalogue.item(given.item)[0].by_hand:
        raise UnknownItem(item=given.item)
    still = None
    if given.camera is not None:
        camera = devices.camera(given.camera)
        place = place_of(camera.place_id)
        still = _keep_still(camera.id, tx.now)
    elif given.place is not None:
        place = place_of(given.place)
    elif given.lon is not None and given.lat is not None:
        place = nearest_place(given.lon, given.lat)
    else:
        place = _place_of_post(tx.actor.id)
    photos = _own_photos(tx.actor.id, given.blobs)
    matter = matters.open_matter(
        tx,
        catalogue,
        matters.Report(
            item=given.item,
            source="person",
            source_id=tx.actor.id,
            place=place.id,
            place_path=place.path,
            community=community_of(place.path),
            lon=given.lon if given.lon is not None else place.lon,
            lat=given.lat if given.lat is not None else place.lat,
            seen_at=tx.now,
            camera=given.camera,
            still=still or next(iter(photos), None),
            photos=photos,
            note=given.note,
            demo=place.demo,
            solved=given.solved,
        ),
    )
    if given.camera is not None:
        ask_clip(tx, given.camera, matter.id)
    return {"matter": str(matter.id)}


def _revise(tx: Tx, given: Raised) -> dict[str, object]:
    """Keep what a phone sent again, changed, under the id of what it had raised."""
    answer = answer_of(given.act_id)
    matters.add_report_version(
        tx,
        UUID(str(answer["matter"])),
        act=given.act_id,
        item=given.item,
        note=given.note,
        photos=_own_photos(tx.actor.id, given.blobs),
        fix=None if given.lon is None or given.lat is None else (given.lon, given.lat),
    )
    return answer


def _place_of_post(party_id: UUID) -> Place:
    """Where somebody works: a phone without a fix still reports from there.

    Raises:
        BadInput: nobody knows where that is.
    """
    post = Party.objects.get(id=party_id)
    if post.lon is None or post.lat is None:
        raise BadInput(where="place", why="camera, place or lon+lat / 需要摄像机、地点或坐标")
    return nearest_place(post.lon, post.lat)


def _own_photos(party_id: UUID, blobs: list[str]) -> tuple[str, ...]:
    """Photos that this person uploaded, in their order.

    Raises:
        BadInput: one of them was uploaded by somebody else, or never.
    """
    own = Upload.objects.filter(party_id=party_id, sha256__in=blobs, media_type="image/jpeg")
    if set(blobs) - set(own.values_list("sha256", flat=True)):
        raise BadInput(where="blobs", why="not a photo of yours / 不是你上传的照片")
    return tuple(dict.fromkeys(blobs))
