# SPDX-License-Identifier: Apache-2.0
"""The feed over real sockets, a real PostgreSQL and role jiedao_stream."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from jiedao.stream import feed_api
from jiedao.stream.app import Parts
from jiedao.stream.sockets import SESSION_ENDED
from tests.stream.client import Address, heard, next_event
from tests.stream.trail import Trail

pytestmark = pytest.mark.anyio


async def test_a_sealed_record_reaches_a_listener_with_its_facts(
    stream: Address, trail: Trail
) -> None:
    matter = uuid4()
    async with stream.socket(f"/feed?ticket={trail.ticket()}") as desk:
        assert (await heard(desk))["kind"] == "hello"
        position = trail.seal("matter.opened", matter=matter, payload={"zone": "inner"})
        event = await next_event(desk)
    assert event["position"] == position
    assert event["verb"] == "matter.opened"
    assert event["matter"] == str(matter)
    assert event["payload"] == {"zone": "inner"}
    assert datetime.fromisoformat(event["at"]).tzinfo is not None


async def test_a_record_whose_announcement_got_lost_comes_within_the_poll(
    stream: Address, trail: Trail
) -> None:
    async with stream.socket(f"/feed?ticket={trail.ticket()}") as desk:
        position = trail.seal(tell=False)
        assert (await next_event(desk))["position"] == position


async def test_a_returning_client_gets_what_it_missed_once_and_in_order(
    stream: Address, trail: Trail
) -> None:
    missed = [trail.seal() for _ in range(5)]
    async with stream.socket(f"/feed?ticket={trail.ticket()}&after={missed[1]}") as desk:
        new = trail.seal()
        seen = [(await next_event(desk))["position"] for _ in range(4)]
    assert seen == [*missed[2:], new]


async def test_a_client_away_for_too_long_is_told_to_start_anew(
    stream: Address, trail: Trail, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_api, "REPLAY_LIMIT", 2)
    last = [trail.seal() for _ in range(4)][-1]
    await _until_read(parts, last)
    async with stream.socket(f"/feed?ticket={trail.ticket()}&after=1") as desk:
        assert (await heard(desk))["kind"] == "hello"
        notice = await heard(desk)
        assert notice["kind"] == "resync"
        assert notice["position"] == last
        assert (trail.seal(), (await next_event(desk))["position"]) == (last + 1, last + 1)


async def test_a_ticket_works_once(stream: Address, trail: Trail) -> None:
    ticket = trail.ticket()
    async with stream.socket(f"/feed?ticket={ticket}") as desk:
        await heard(desk)
    assert await stream.refused(f"/feed?ticket={ticket}") == (403, "stream.ticket_refused")


@pytest.mark.parametrize("given", ["", "guess", "x" * 5000])
async def test_an_unknown_ticket_is_refused(stream: Address, given: str) -> None:
    assert await stream.refused(f"/feed?ticket={given}") == (403, "stream.ticket_refused")


async def test_an_old_ticket_is_refused(stream: Address, trail: Trail) -> None:
    ticket = trail.ticket(life=timedelta(seconds=-1))
    assert await stream.refused(f"/feed?ticket={ticket}") == (403, "stream.ticket_refused")


async def test_a_ticket_for_something_else_is_refused(stream: Address, trail: Trail) -> None:
    ticket = trail.ticket("upload")
    assert await stream.refused(f"/feed?ticket={ticket}") == (403, "stream.ticket_refused")


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://10.0.0.9:8420"])
async def test_a_page_from_elsewhere_is_refused_and_its_ticket_stays_unused(
    stream: Address, trail: Trail, origin: str
) -> None:
    ticket = trail.ticket()
    refusal = await stream.refused(f"/feed?ticket={ticket}", origin=origin)
    assert refusal == (403, "stream.wrong_origin")
    async with stream.socket(f"/feed?ticket={ticket}", origin="http://127.0.0.1:8420") as desk:
        assert (await heard(desk))["kind"] == "hello"


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 30, "٣"])
async def test_a_senseless_position_is_refused(stream: Address, trail: Trail, after: str) -> None:
    refusal = await stream.refused(f"/feed?ticket={trail.ticket()}&after={after}")
    assert refusal == (422, "input.bad")


async def test_the_end_of_a_session_closes_its_sockets_and_no_others(
    stream: Address, trail: Trail
) -> None:
    account, names = uuid4(), ("role:operator", "session:a")
    leaving = stream.socket(f"/feed?ticket={trail.ticket(account=account, audiences=names)}")
    staying = stream.socket(f"/feed?ticket={trail.ticket(account=account)}")
    async with leaving as gone, staying as here:
        await heard(gone)
        await heard(here)
        unused = trail.ticket(account=account, audiences=names)
        ended = {"session": "session:a"}
        trail.seal("session.ended", subject=account, audience=(), payload=ended, at=_soon())
        assert (await heard(gone))["kind"] == "session_ended"
        with pytest.raises(ConnectionClosed) as closed:
            await heard(gone)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == SESSION_ENDED
        position = trail.seal()
        assert (await next_event(here))["position"] == position
    assert await stream.refused(f"/feed?ticket={unused}") == (403, "stream.ticket_refused")


async def test_after_the_database_came_back_nothing_is_missing_and_nothing_comes_twice(
    stream: Address, trail: Trail
) -> None:
    async with stream.socket(f"/feed?ticket={trail.ticket()}") as desk:
        await heard(desk)
        sealed = [trail.seal()]
        seen = [(await next_event(desk))["position"]]
        for _ in range(3):
            assert trail.cut_connections() >= 1
            sealed += [trail.seal(), trail.seal()]
            seen += [(await next_event(desk))["position"] for _ in range(2)]
    assert seen == sealed


async def test_what_the_process_says_of_itself(stream: Address) -> None:
    async with stream.client() as browser:
        assert (await browser.get("/health")).status_code == 200
        ready = await browser.get("/ready")
        assert ready.status_code == 200
        assert ready.json()["state"] == "ready"
        assert ready.json()["media"] == "absent"


async def test_an_unknown_path_is_a_refusal_in_both_languages(stream: Address) -> None:
    async with stream.client() as browser:
        refusal = await browser.get("/nothing")
    assert refusal.status_code == 404
    assert refusal.json()["code"] == "input.not_found"
    assert set(refusal.json()["message"]) == {"zh-CN", "en"}


def _soon() -> datetime:
    """A moment after every ticket of the test was issued."""
    return datetime.now(UTC) + timedelta(seconds=1)


async def _until_read(parts: Parts, position: int) -> None:
    async with asyncio.timeout(30):
        while parts.hub.position != position:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "change",
    [
        "update town_session set expires_at = now() where account_id = %s",
        "delete from town_session where account_id = %s",
        "update town_account set is_active = false where id = %s",
        "update town_appointment set valid_to = '2021-01-01' where party_id = %s",
        "update town_appointment set place_path = '/t/c2/' where party_id = %s",
    ],
)
async def test_a_socket_does_not_outlive_the_session_or_the_rights_it_was_opened_with(
    stream: Address, trail: Trail, change: str
) -> None:
    who = uuid4()
    leaving = stream.socket(f"/feed?ticket={trail.ticket(account=who, party=who)}")
    staying = stream.socket(f"/feed?ticket={trail.ticket()}")
    async with leaving as gone, staying as here:
        assert (await heard(gone))["kind"] == "hello"
        trail.change(change, who)
        while (await heard(gone))["kind"] != "session_ended":
            pass  # a beat
        with pytest.raises(ConnectionClosed) as closed:
            await heard(gone)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == SESSION_ENDED
        position = trail.seal()
        assert (await next_event(here))["position"] == position
