# SPDX-License-Identifier: Apache-2.0
"""What the feed says to the browser, as JSON: one event shape and five notices.

`schema()` gives the JSON Schema from which browser types are made.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from jiedao.stream.store import FeedRow


class Subject(msgspec.Struct, frozen=True):
    """What a record is about, such as a camera, a task or an announcement."""

    kind: str
    id: UUID


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed record. `card` is the matter's card when it was read, null without a matter."""

    position: int
    verb: str
    at: datetime
    matter: UUID | None
    task: UUID | None
    version: int | None
    subject: Subject
    card: msgspec.Raw
    payload: msgspec.Raw


class ProcessState(msgspec.Struct, frozen=True):
    """Whether a process of the platform works; `why` is a message code or ""."""

    name: str
    state: str
    why: str


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello", tag_field="kind"):
    """First on every socket: events after `position` follow. A beat comes each `beat_s`."""

    position: int
    at: datetime
    beat_s: float
    processes: tuple[ProcessState, ...]


class Beat(msgspec.Struct, frozen=True, kw_only=True, tag="beat", tag_field="kind"):
    """Nothing is missing up to `position`; the database was last read `age_s` seconds ago."""

    position: int
    at: datetime
    age_s: float
    processes: tuple[ProcessState, ...]


class Processes(msgspec.Struct, frozen=True, kw_only=True, tag="processes", tag_field="kind"):
    """A process changed its state; sent at once, outside the beat."""

    at: datetime
    processes: tuple[ProcessState, ...]


class Resync(msgspec.Struct, frozen=True, kw_only=True, tag="resync", tag_field="kind"):
    """Events were left out: fetch a snapshot; events after `position` follow on this socket."""

    position: int
    why: Literal["slow", "too_old", "restored"]


class SessionEnded(msgspec.Struct, frozen=True, tag="session_ended", tag_field="kind"):
    """The session behind this socket is over; the socket closes."""


Notice = Hello | Beat | Processes | Resync | SessionEnded

_NULL = msgspec.Raw(b"null")
_encoder = msgspec.json.Encoder()


def say(message: Event | Notice) -> str:
    """The message as it goes over the socket."""
    return _encoder.encode(message).decode()


def event_of(row: FeedRow) -> Event:
    """The event of a sealed record; the payload and the card pass through unread."""
    return Event(
        position=row.position,
        verb=row.verb,
        at=row.at,
        matter=row.matter,
        task=row.task,
        version=row.version,
        subject=Subject(row.subject_kind, row.subject),
        card=_NULL if row.card is None else msgspec.Raw(row.card.encode()),
        payload=msgspec.Raw(row.payload.encode()),
    )


class _Ended(msgspec.Struct):
    session: str = ""


def session_of(row: FeedRow) -> str:
    """The session named in a `session.ended`; "" for every session of the account."""
    try:
        return msgspec.json.decode(row.payload, type=_Ended).session
    except msgspec.MsgspecError:
        return ""


def schema() -> dict[str, Any]:
    """JSON Schema of everything the feed may say."""
    (_, _), components = msgspec.json.schema_components((Event, Notice))
    return {"$defs": components}
