# SPDX-License-Identifier: Apache-2.0
"""Reading the whole chain again: is every record still what it was, and in its place?"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from jiedao.trace.chain import CANONICAL, GENESIS, commit_to, link

_ALL = f"""
select s.position, s.previous, s.hash, r.id is not null, case when r.id is null then '' else
{CANONICAL} end, r.commitment, p.salt, p.text
from trace_seal s left join trace_record r on r.id = s.record_id
left join trace_record_private p on p.record_id = s.record_id
order by s.position
"""  # noqa: S608  # built from constants


@dataclass(frozen=True, slots=True)
class Verdict:
    """What reading the chain found.

    Attributes:
        rows: sealed records read.
        unsealed: records that still wait for the sequencer.
        stray: records that are neither sealed nor waiting.
        bad_position: the first position that does not hold; None if all do.
        why: what is wrong there: gap, record missing, hash, private text, cut, or checkpoint.
    """

    rows: int
    unsealed: int
    stray: int
    elapsed_s: float
    head: str
    bad_position: int | None = None
    why: str = ""

    @property
    def ok(self) -> bool:
        return self.bad_position is None and self.stray == 0


def verify(connection: psycopg.Connection, checkpoints: Path) -> Verdict:
    """Read every seal, record and checkpoint.

    Args:
        connection: as a role that may read all of the trail; nothing is written.
        checkpoints: the sequencer's checkpoint file.
    """
    started = time.monotonic()
    heads: dict[int, bytes] = {}
    wanted = dict(_lines(checkpoints))
    bad: tuple[int, str] | None = None
    position, head = 0, GENESIS
    with connection.transaction(), connection.cursor(name="chain") as cursor:
        cursor.itersize = 5000
        for row in cursor.execute(_ALL):
            found = _fault(row, position, head)
            position, head = position + 1, bytes(row[2])
            if position in wanted:
                heads[position] = head
            if found and bad is None:
                bad = (position, found)
    for at, expected in wanted.items():
        if at > position:
            bad = bad or (position + 1, "cut")
        elif at and heads[at].hex() != expected:
            bad = bad or (at, "checkpoint")
    unsealed, stray = _loose(connection)
    elapsed_s = time.monotonic() - started
    return Verdict(position, unsealed, stray, elapsed_s, head.hex(), *(bad or (None, "")))


def _fault(row: tuple[Any, ...], last: int, head: bytes) -> str:  # Any: a row of the driver
    position, previous, sealed, is_there, canonical, commitment, salt, text = row
    if position != last + 1:
        return "gap"
    if not is_there:
        return "record missing"
    if previous != head or link(head, last + 1, str(canonical)) != sealed:
        return "hash"
    # Erased text leaves no row; text that is there must be the text that was committed to.
    if salt is not None and commit_to(salt, text) != commitment:
        return "private text"
    return ""


def _loose(connection: psycopg.Connection) -> tuple[int, int]:
    row = connection.execute(
        "select count(u.record_id), count(*) filter (where u.record_id is null)"
        " from trace_record r left join trace_seal s on s.record_id = r.id"
        " left join trace_unsealed u on u.record_id = r.id where s.record_id is null"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """Checkpoints; a last line that a crash cut short is not one."""
    if not file.exists():
        return
    for line in file.read_text("utf-8").splitlines():
        try:
            checkpoint = json.loads(line)
        except json.JSONDecodeError:
            continue
        yield int(checkpoint["position"]), str(checkpoint["head"])
