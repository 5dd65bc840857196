# SPDX-License-Identifier: Apache-2.0
"""Writing into the trail, always inside the transaction of what it tells."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from django.utils.crypto import salted_hmac

from jiedao.base.database import Tx
from jiedao.base.ids import MatterId, RecordId, TaskId, new_id
from jiedao.trace.chain import commit_to
from jiedao.trace.errors import ActChanged
from jiedao.trace.models import Act, Record, RecordPrivate, Unsealed

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened, to what.

    Attributes:
        verb: dotted and past tense, such as "matter.reported".
        subject_kind, subject_id: what it happened to.
        matter, version: the matter it folds into and its place in the fold; both or neither,
            except that facts beside the fold name the matter alone.
        payload: facts without any personal text.
        private: personal text; only a salted commitment to it enters the record.
        audience: who is told, such as "role:operator" or "party:<uuid>".
        device_at: the device's own clock, if one took part.
    """

    verb: str
    subject_kind: str
    subject_id: UUID
    matter: MatterId | None = None
    version: int | None = None
    task: TaskId | None = None
    payload: Json = field(default_factory=dict)
    private: str | None = None
    audience: Sequence[str] = ()
    place_path: str = "/"
    device_at: datetime | None = None


def record(tx: Tx, fact: Fact) -> RecordId:
    """Append a fact to the trail; it is sealed once the transaction is on disk."""
    return record_all(tx, [fact])[0]


def record_all(tx: Tx, facts: Sequence[Fact]) -> list[RecordId]:
    """Append facts in their order; many cost little more than one."""
    records, privates = [], []
    for fact in facts:
        record_id = RecordId(new_id())
        commitment: bytes | None = None
        if fact.private is not None:
            salt = secrets.token_bytes(16)
            commitment = commit_to(salt, fact.private)
            privates.append(RecordPrivate(record_id=record_id, salt=salt, text=fact.private))
        records.append(
            Record(
                id=record_id,
                verb=fact.verb,
                subject_kind=fact.subject_kind,
                subject_id=fact.subject_id,
                matter_id=fact.matter,
                version=fact.version,
                task_id=fact.task,
                actor_id=tx.actor.id,
                screen=tx.actor.screen,
                at=tx.now,
                device_at=fact.device_at,
                place_path=fact.place_path,
                payload=dict(fact.payload),
                commitment=commitment,
                audience=list(fact.audience),
            )
        )
    RecordPrivate.objects.bulk_create(privates)
    Record.objects.bulk_create(records)
    Unsealed.objects.bulk_create(Unsealed(record_id=one.id) for one in records)
    return [RecordId(one.id) for one in records]


def once(
    tx: Tx,
    act_id: UUID,
    request: Json,
    perform: Callable[[], dict[str, object]],
    revise: Callable[[], dict[str, object]] | None = None,
) -> dict[str, object]:
    """Perform an act that came from outside, unless its id was performed already.

    Args:
        revise: keeps other content under the same id as a new version. A phone may have lost the
            answer and gone on writing; nothing that it sends may be lost. A desk has none.

    Returns:
        The answer of the first performance.

    Raises:
        ActChanged: the id was used before, by someone else or, without ``revise``, with other
            content.
    """
    digest = _hash_of(request)
    act, is_new = Act.objects.get_or_create(
        id=act_id, defaults={"actor_id": tx.actor.id, "request_hash": digest, "at": tx.now}
    )
    if not is_new:
        if act.actor_id == tx.actor.id and bytes(act.request_hash) == digest:
            return dict(act.answer or {})
        if act.actor_id != tx.actor.id or revise is None:
            raise ActChanged(act=act_id)
        # The version's own id follows from its content, so that it too is kept once.
        return once(tx, uuid5(act_id, digest.hex()), request, revise)
    act.answer = perform()
    act.save(update_fields=["answer"])
    return act.answer


def answer_of(act_id: UUID) -> dict[str, object]:
    """The answer that the first performance of an act was given."""
    return dict(Act.objects.get(id=act_id).answer or {})


def _hash_of(request: Json) -> bytes:
    """By this installation's key: without it nobody can try out which words lead to the hash."""
    text = json.dumps(request, sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(text.encode()).digest()
    return salted_hmac("jiedao.trace.act", digest, algorithm="sha256").digest()
