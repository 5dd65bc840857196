# SPDX-License-Identifier: Apache-2.0
"""Each thing a shard tells, written in one transaction with the lease held until commit."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from jiedao.base.actor import system
from jiedao.base.clock import Clock
from jiedao.base.database import Tx, transact
from jiedao.cameras import actions, device_matters, footage, store
from jiedao.cameras.errors import LeaseLost
from jiedao.cameras.messages import (
    ClipKept,
    Condition,
    GapSeen,
    Observed,
    Presence,
    Recorded,
)
from jiedao.cameras.taking import DatabaseAway, Kept
from jiedao.cameras.troubles import Turns
from jiedao.catalog.store import Catalogue
from jiedao.matters.actions import attach_evidence
from jiedao.matters.intake import Observation, take
from jiedao.signals.models import Signal
from jiedao.signals.store import forget_other_zones, update_presence
from jiedao.town.calendar import local_day

MEDIA = system("media")


@contextmanager
def away_if_lost() -> Iterator[None]:
    """Turn a lost database into DatabaseAway, and have the next try connect anew."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        connection.close()
        raise DatabaseAway(str(error).strip()) from error


def deliver_to(clock: Clock, recordings: Path) -> Callable[[Kept], None]:
    """The writer's way into the database.

    Args:
        recordings: folder of all recordings; a segment of a dead epoch does not stay in it.
    """

    def deliver(message: Kept) -> None:
        try:
            with away_if_lost(), transact(MEDIA, clock) as tx:
                _take(tx, message)
        except LeaseLost:
            if isinstance(message, Recorded):
                (recordings / message.file).unlink(missing_ok=True)
            raise

    return deliver


def _take(tx: Tx, message: Kept) -> None:
    match message:
        case Observed():
            take_observed(tx, message)
        case ClipKept():
            attach_clip(tx, message)
        case Recorded():
            # What was recorded before the present holder began is nobody else's.
            store.check_lease(message.camera, message.epoch, message.to_at, late=True)
            footage.keep_segment(message)
        case GapSeen():
            store.check_lease(message.camera, message.epoch, message.to_at, late=True)
            footage.keep_gap(message)


def take_observed(tx: Tx, seen: Observed) -> UUID | None:
    """Take in what a rule saw, if it comes from the camera's present holder; return the matter.

    Raises:
        LeaseLost: from a holder of an older epoch.
    """
    store.check_lease(seen.camera, seen.epoch, seen.captured_at, late=seen.late)
    camera = store.camera_by_id(seen.camera)
    return take(
        tx,
        Observation(
            id=seen.id,
            source="camera",
            source_id=seen.camera,
            kind=seen.kind,
            place_path=camera.place_path,
            captured_at=seen.captured_at,
            received_at=seen.received_at,
            zone=seen.zone,
            still_sha256=seen.still,
            epoch=seen.epoch,
            late=seen.late,
            demo=camera.demo,
            facts=seen.facts,
        ),
    ).matter


def attach_clip(tx: Tx, kept: ClipKept) -> None:
    """Add the completed clip to the matter that its alarm opened.

    An alarm that was counted on an open matter adds nothing: that matter has the clip of its first.
    """
    matter = kept.matter
    if kept.observation is not None:
        signal = Signal.objects.filter(id=kept.observation).first()
        if signal is None or signal.matter_id is None:
            return
        first = Signal.objects.filter(matter_id=signal.matter_id).order_by("taken_at", "id").first()
        matter = signal.matter_id if first is not None and first.id == signal.id else None
    if matter is not None:
        attach_evidence(tx, matter, clip=kept.clip, clip_began_at=kept.began_at)


def write_presence(clock: Clock, words: Sequence[Presence]) -> None:
    """Keep the latest word on each zone."""
    with away_if_lost(), transact(MEDIA, clock) as tx:
        keep_presence(tx, words)


def keep_presence(tx: Tx, words: Sequence[Presence]) -> None:
    """The same, in a transaction that is open.

    A word tells of all zones of its camera: one that is not in it was renamed or taken away.
    """
    for word in words:
        forget_other_zones(tx, word.camera, word.zones, at=word.at)
        for zone, count in sorted(word.zones.items()):
            update_presence(
                tx,
                word.camera,
                zone,
                count,
                blind=word.blind,
                at=word.at,
                stays=word.stays.get(zone, ()),
                since=word.since,
            )


def write_health(clock: Clock, conditions: Sequence[Condition], turns: Turns) -> None:
    """Keep how cameras fare; put on record who was lost and is back, and file what is wrong."""
    with away_if_lost(), transact(MEDIA, clock) as tx:
        store.save_health(conditions)
        for camera, code in turns.lost.items():
            actions.note_lost(tx, camera, code)
        for camera, lost_for_s in turns.back.items():
            actions.note_back(tx, camera, lost_for_s)
        if turns.faulty or turns.well:
            catalogue = Catalogue(local_day(tx.now))
            for camera, code in turns.faulty.items():
                device_matters.file_fault(tx, catalogue, camera, code)
            for camera, signal in turns.well.items():
                device_matters.end_faults(tx, catalogue, camera, signal)
