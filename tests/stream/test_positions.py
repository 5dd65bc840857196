# SPDX-License-Identifier: Apache-2.0
"""Positions in batches: the newest fix stands, whatever order they come in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from jiedao.stream.positions_api import BATCH, Fix, to_keep
from tests.stream.client import Address
from tests.stream.trail import Trail

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_fix(at: datetime, lon: float = 110.0) -> dict[str, Any]:
    return {"at": at.isoformat(), "lon": lon, "lat": 30.0, "accuracy_m": 8.0}


async def sent(
    stream: Address, trail: Trail, party: UUID, fixes: list[dict[str, Any]]
) -> httpx.Response:
    """The answer to a batch of somebody who may be on duty."""
    async with stream.client() as phone:
        return await phone.post(
            f"/positions?ticket={trail.ticket('positions', party=party)}", json={"fixes": fixes}
        )


@pytest.mark.anyio
async def test_the_newest_fix_stands_and_all_are_kept(stream: Address, trail: Trail) -> None:
    party, now = uuid4(), datetime.now(UTC)
    trail.check_in(party)
    batch = [a_fix(now - timedelta(seconds=s), lon=110 + s) for s in (30, 10, 20)]
    assert (await sent(stream, trail, party, batch)).json() == {"kept": 3}
    assert trail.rows("select party_id, lon from signals_position") == [(party, 120.0)]
    track = trail.rows("select lon from signals_position_history order by at")
    assert track == [(140.0,), (130.0,), (120.0,)]


@pytest.mark.anyio
async def test_the_battery_is_kept_with_the_newest_fix(stream: Address, trail: Trail) -> None:
    party, now = uuid4(), datetime.now(UTC)
    trail.check_in(party)
    old, new = a_fix(now - timedelta(seconds=9)), a_fix(now)
    await sent(stream, trail, party, [{**new, "battery_pct": 41}, {**old, "battery_pct": 43}])
    assert trail.rows("select battery_pct from signals_position") == [(41,)]
    await sent(stream, trail, party, [a_fix(datetime.now(UTC))])
    assert trail.rows("select battery_pct from signals_position") == [(None,)]
    refused = await sent(stream, trail, party, [{**new, "battery_pct": 101}])
    assert refused.status_code == 422


@pytest.mark.anyio
async def test_a_late_batch_does_not_move_a_person_back(stream: Address, trail: Trail) -> None:
    party, now = uuid4(), datetime.now(UTC)
    trail.check_in(party)
    await sent(stream, trail, party, [a_fix(now - timedelta(seconds=5), lon=1)])
    await sent(stream, trail, party, [a_fix(now - timedelta(seconds=60), lon=2)])
    assert trail.rows("select lon from signals_position") == [(1.0,)]
    assert trail.rows("select count(*) from signals_position_history") == [(2,)]


@pytest.mark.anyio
async def test_nobody_is_located_before_checking_in_or_after_checking_out(
    stream: Address, trail: Trail
) -> None:
    party = uuid4()
    before = await sent(stream, trail, party, [a_fix(datetime.now(UTC))])
    trail.check_in(party)
    trail.check_out(party)
    after = await sent(stream, trail, party, [a_fix(datetime.now(UTC))])
    for refusal in (before, after):
        assert (refusal.status_code, refusal.json()["code"]) == (409, "stream.off_duty")
    assert trail.rows("select * from signals_position_history") == []


@pytest.mark.anyio
async def test_a_full_batch_is_taken_and_one_more_is_refused(stream: Address, trail: Trail) -> None:
    party, fixes = uuid4(), [a_fix(datetime.now(UTC)) for _ in range(BATCH)]
    trail.check_in(party)
    assert (await sent(stream, trail, party, fixes)).status_code == 200
    refusal = await sent(stream, trail, party, [*fixes, fixes[0]])
    assert (refusal.status_code, refusal.json()["code"]) == (413, "stream.too_many_fixes")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"fixes": 3}',
        b'{"fixes": [{"at": "2026-03-02T12:00:00", "lon": 1, "lat": 1}]}',
        b'{"fixes": [{"at": "2026-03-02T12:00:00Z", "lon": 181, "lat": 1}]}',
        b'{"fixes": [{"at": "2026-03-02T12:00:00Z", "lon": NaN, "lat": 1}]}',
        b'{"fixes": [{"at": "2026-03-02T12:00:00Z", "lon": 1, "lat": 1, "accuracy_m": -1}]}',
        b"[" * 100_000,
        b'{"fixes": "\xff"}',
        b" " * 300_000,
    ],
)
async def test_senseless_positions_are_refused_and_use_no_ticket(
    stream: Address, trail: Trail, body: bytes
) -> None:
    party = uuid4()
    trail.check_in(party)
    ticket = trail.ticket("positions", party=party)
    async with stream.client() as phone:
        refusal = await phone.post(f"/positions?ticket={ticket}", content=body)
        assert (refusal.status_code, refusal.json()["code"]) == (422, "input.bad")
        accepted = await phone.post(f"/positions?ticket={ticket}", json={"fixes": []})
        assert accepted.status_code == 200


def test_a_clock_that_runs_ahead_does_not_hide_later_fixes() -> None:
    ahead = Fix(NOON + timedelta(hours=3), 110.0, 30.0)
    assert [fix.at for fix in to_keep([ahead], NOON)] == [NOON]


def test_fixes_of_last_week_are_left_out() -> None:
    fixes = [Fix(NOON - timedelta(days=8), 1.0, 1.0), Fix(NOON - timedelta(days=6), 2.0, 2.0)]
    assert [fix.lon for fix in to_keep(fixes, NOON)] == [2.0]
