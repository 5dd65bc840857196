# SPDX-License-Identifier: Apache-2.0
"""What officers do: put forward what they saw themselves."""

from uuid import UUID

from jiedao.base.database import Tx
from jiedao.base.ids import MatterId
from jiedao.catalog.store import Catalogue
from jiedao.enforcement.errors import NoOwnEvidence, NotAnOfficer
from jiedao.matters import actions as matters
from jiedao.matters import store
from jiedao.matters.errors import NotYourTask
from jiedao.matters.rules import MatterState, TaskState
from jiedao.signals.models import Upload
from jiedao.town.calendar import local_day
from jiedao.town.store import certificates_of
from jiedao.trace.writing import Fact, record

CASE_LEAD = "case_lead"
LAW_ENFORCEMENT = "law_enforcement"


def raise_case_lead(tx: Tx, task_id: UUID, note: str | None = None) -> MatterState:
    """Put what an officer reported back on forward as a case lead; the same again is the same.

    Its evidence is what the officer photographed. The camera's clip stays the parent's: it says
    when and where to look, and proves nothing.

    Raises:
        NotFound, NotYourTask: it was another's task.
        NotAnOfficer: a case is for those who are certified.
        NoOwnEvidence: nothing was reported back yet, or without a photo.
    """
    parent = store.for_update(store.matter_of_task(task_id))
    task = parent.task(task_id)
    if task.party != tx.actor.id:
        raise NotYourTask(task=str(task_id))
    if LAW_ENFORCEMENT not in certificates_of(tx.actor.id, local_day(tx.now)):
        raise NotAnOfficer
    if (known := store.child_of(parent.id, CASE_LEAD)) is not None:
        return store.read(known)
    photos = _own_photos(task)
    if task.reported_at is None or not photos:
        raise NoOwnEvidence(number=parent.number)
    lead = matters.open_matter(
        tx,
        Catalogue(local_day(tx.now)),
        matters.Report(
            item=CASE_LEAD,
            source="person",
            source_id=tx.actor.id,
            place=parent.place,
            place_path=parent.place_path,
            community=parent.community,
            lon=parent.lon,
            lat=parent.lat,
            seen_at=task.arrived_at or task.reported_at,
            still=photos[0],
            photos=photos,
            parent=parent.id,
            note=note,
            demo=parent.demo,
        ),
    )
    record(
        tx,
        Fact(
            "case_lead.raised",
            "matter",
            lead.id,
            matter=MatterId(parent.id),
            payload={"lead": str(lead.id), "number": lead.number},
            audience=matters.audience(parent, parent),
            place_path=parent.place_path,
        ),
    )
    return lead


def _own_photos(task: TaskState) -> tuple[str, ...]:
    """The photos that the task's party took and reported back, in their order."""
    rows = Upload.objects.filter(
        sha256__in=task.blobs, party_id=task.party, media_type="image/jpeg"
    )
    own = set(rows.values_list("sha256", flat=True))
    return tuple(sha for sha in dict.fromkeys(task.blobs) if sha in own)
