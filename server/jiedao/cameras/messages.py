# SPDX-License-Identifier: Apache-2.0
"""What the media process and its shards say to each other, over one socket pair a shard."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class Watch(msgspec.Struct, frozen=True, tag="watch"):
    """Hold this camera, or take its new settings.

    Attributes:
        slot: its place in the shared marks.
        epoch: of the lease; 0 for a camera that is only viewed.
        zones: the plan as kept in the registry; empty for none.
        recorded: pulled and recorded all the time.
        judged: its pictures may be looked at for faults; a foreign camera's may not.
        view_since_s: what it looked at before this moment no longer counts, seconds since the
            epoch.
    """

    camera: UUID
    slot: int
    host: str
    port: int
    path: str
    login: str = ""
    password: str = ""
    armed: bool = False
    epoch: int = 0
    zones: dict[str, Any] = {}
    detector: str = "motion"
    recorded: bool = False
    judged: bool = True
    view_since_s: float = 0.0


class Release(msgspec.Struct, frozen=True, tag="release"):
    """Let go of this camera."""

    camera: UUID


class View(msgspec.Struct, frozen=True, tag="view"):
    """Somebody wants its live picture; the connection travels beside this message."""

    camera: UUID


class Snap(msgspec.Struct, frozen=True, tag="snap"):
    """Keep the last half minute and the next: a person raises a matter from it."""

    camera: UUID
    matter: UUID


ToShard = Watch | Release | View | Snap


class Observed(msgspec.Struct, frozen=True, tag="observed"):
    """A rule saw something; its picture is on disk already, its clip follows.

    Attributes:
        id: made here, so that the same observation is taken in once only.
        late: it waited in the spool while the database was away.
    """

    id: UUID
    camera: UUID
    epoch: int
    kind: str
    zone: str
    captured_at: datetime
    received_at: datetime
    still: str | None
    facts: dict[str, Any] = {}
    late: bool = False


class ClipKept(msgspec.Struct, frozen=True, tag="clip"):
    """The half minute before, or before and after, for an observation or a matter.

    Attributes:
        began_at: capture time of the clip's first picture.
    """

    camera: UUID
    clip: str
    began_at: datetime | None = None
    observation: UUID | None = None
    matter: UUID | None = None


class Recorded(msgspec.Struct, frozen=True, tag="recorded"):
    """A segment of a recording is on disk.

    Attributes:
        file: its name within the folder of all recordings.
        first: nothing is known of what was before it; its recorder began with it.
    """

    id: UUID
    camera: UUID
    epoch: int
    from_at: datetime
    to_at: datetime
    file: str
    sha256: str
    size_bytes: int
    first: bool = False


class GapSeen(msgspec.Struct, frozen=True, tag="gap"):
    """A span in which a recorded camera gave no usable picture, and why."""

    camera: UUID
    epoch: int
    from_at: datetime
    to_at: datetime
    code: str


class Presence(msgspec.Struct, frozen=True, tag="presence"):
    """How many are in each zone now; None where the picture cannot be judged.

    Attributes:
        stays: where in the picture they are, by zone, and whatever else is seen: boxes, 0..1.
        since: from when on the picture has been judged without a gap; None if it never was.
    """

    camera: UUID
    at: datetime
    zones: dict[str, int | None]
    blind: bool
    stays: dict[str, list[tuple[float, float, float, float]]] = {}
    since: datetime | None = None


class Condition(msgspec.Struct, frozen=True):
    """How one camera fares. Counts run from the shard's start.

    Attributes:
        state: live, stale, offline or idle.
        code: the fault's code, or "".
        drift_s: how far its stream's time has moved against ours since the opening.
        skew_s: how far the camera's own clock is ahead of ours, by its last word on it.
        blindness: share of the last minute's due frames that no rule could judge, 0..1.
    """

    camera: UUID
    state: str
    code: str = ""
    fps: float = 0.0
    bitrate_kbps: float = 0.0
    drift_s: float = 0.0
    skew_s: float = 0.0
    analysed: int = 0
    skipped: int = 0
    dropped: int = 0
    calibrating: int = 0
    blindness: float = 0.0


class Status(msgspec.Struct, frozen=True, tag="status"):
    """Once a second: every camera of the shard, and that the shard lives."""

    cameras: list[Condition]


FromShard = Observed | ClipKept | Recorded | GapSeen | Presence | Status

LONGEST_MESSAGE = 150_000
"""Bytes; a socket pair carries a message whole, below the kernel's usual 208 KiB."""

to_shard = msgspec.json.Decoder(ToShard)
from_shard = msgspec.json.Decoder(FromShard)
encode = msgspec.json.Encoder().encode
