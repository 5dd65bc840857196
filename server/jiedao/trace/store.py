# SPDX-License-Identifier: Apache-2.0
"""Reading the trail: the head, and the records of a matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, OuterRef, Q, Subquery

from jiedao.trace.models import Record, RecordPrivate, Seal

#: So many records are read at once; a matter may have any number.
PAGE = 200


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record with its place in the chain; position is None until it is sealed."""

    position: int | None
    id: UUID
    verb: str
    version: int | None
    actor_id: UUID
    screen: str
    at: datetime
    device_at: datetime | None
    payload: dict[str, Any]
    private: str | None
    hash: str | None


def head() -> tuple[int, str]:
    """The newest position and its hash; (0, "") before the first."""
    row = Seal.objects.order_by("-position").values_list("position", "hash").first()
    return (row[0], bytes(row[1]).hex()) if row else (0, "")


def position_of(record_id: UUID) -> int | None:
    """A record's place in the chain; None until it is sealed."""
    return Seal.objects.filter(record_id=record_id).values_list("position", flat=True).first()


def records_of(matter_id: UUID, before: int | None = None) -> list[SealedRecord]:
    """The newest PAGE records of a matter that the actor may see, in sealed order.

    Args:
        before: only what was sealed at an earlier position, for the page before another.
    """
    seals = Seal.objects.filter(record_id=OuterRef("id")).values("position")
    found = Record.objects.filter(matter_id=matter_id).annotate(sealed_at=Subquery(seals))
    if before is not None:
        found = found.filter(sealed_at__lt=before)
    rows = list(found.order_by(F("sealed_at").desc(nulls_first=True), "-at", "-id")[:PAGE])
    return _sealed(rows)


def blobs_of(matter_id: UUID) -> list[str]:
    """The files named in a matter's records."""
    rows = Record.objects.filter(matter_id=matter_id, payload__has_key="blobs")
    return [sha for blobs in rows.values_list("payload__blobs", flat=True) for sha in blobs]


def evidence_of(matter_id: UUID) -> list[SealedRecord]:
    """The records that name a matter's own pictures and clips, its report first."""
    files = Q(verb="matter.acted", payload__has_key="blobs")
    rows = Record.objects.filter(matter_id=matter_id)
    named = rows.filter(files | Q(verb__in=["matter.reported", "matter.evidenced"]))
    return _sealed(list(named))


def handovers(since: datetime, limit: int = 3) -> list[SealedRecord]:
    """What was handed over from shift to shift that the actor may see, the newest first."""
    rows = Record.objects.filter(verb="shift.handed_over", at__gte=since).order_by("-at")
    return sorted(_sealed(list(rows[:limit])), key=lambda r: r.at, reverse=True)


def _sealed(rows: Sequence[Record]) -> list[SealedRecord]:
    ids = [row.id for row in rows]
    seals = {s.record_id: s for s in Seal.objects.filter(record_id__in=ids)}
    texts = dict(RecordPrivate.objects.filter(record_id__in=ids).values_list("record_id", "text"))
    found = []
    for row in rows:
        seal = seals.get(row.id)
        found.append(
            SealedRecord(
                seal.position if seal else None,
                row.id,
                row.verb,
                row.version,
                row.actor_id,
                row.screen,
                row.at,
                row.device_at,
                row.payload,
                texts.get(row.id),
                bytes(seal.hash).hex() if seal else None,
            )
        )
    return sorted(found, key=lambda r: (r.position is None, r.position or 0, r.at))


def of_matter(matter_id: UUID) -> dict[str, Any]:
    """How much of a matter's way is sealed, and under which head."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), count(s.position) from trace_record r"
            " left join trace_seal s on s.record_id = r.id where r.matter_id = %s",
            [matter_id],
        )
        records, sealed = cursor.fetchone()
    position, hashed = head()
    return {"records": records, "sealed": sealed, "position": position, "head": hashed}
