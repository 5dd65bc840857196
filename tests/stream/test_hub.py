# SPDX-License-Identifier: Apache-2.0
"""Handing out events: in order, within bounds, to those whose session lasts. No database here."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from jiedao.base.clock import HandClock
from jiedao.stream.audience import Listener
from jiedao.stream.hub import TICKET_LIFE, Client, Hub
from jiedao.stream.mailbox import LIMIT, Mailbox
from jiedao.stream.messages import ProcessState
from jiedao.stream.store import FeedRow, Ticket

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OPERATOR = Listener(frozenset({"role:operator"}), "/")


def a_hub(position: int = 10) -> tuple[Hub, HandClock]:
    clock = HandClock(NOON)
    hub = Hub(clock)
    hub.start_at(position)
    return hub, clock


def a_row(
    position: int,
    verb: str = "matter.opened",
    subject: UUID | None = None,
    payload: str = "{}",
) -> FeedRow:
    return FeedRow(
        position=position,
        verb=verb,
        at=NOON,
        matter=None,
        task=None,
        version=None,
        subject_kind="matter",
        subject=subject or uuid4(),
        payload=payload,
        card=None,
        audience=frozenset({"role:operator"}),
        place_path="/t/",
    )


def a_ticket(account: UUID, issued_at: datetime, *names: str) -> Ticket:
    return Ticket(
        account=account,
        party=uuid4(),
        audiences=frozenset(names),
        path="/",
        subject=None,
        expires_at=issued_at + TICKET_LIFE,
        session="".join(names[:1]),
        standing="rights",
    )


def said_to(client: Client) -> list[dict[str, Any]]:
    """Everything that waits for the client."""

    async def take_all() -> list[dict[str, Any]]:
        box = client.mailbox
        return [json.loads(await box.take() or "{}") for _ in range(box.waiting)]

    return asyncio.run(take_all())


def test_a_row_that_was_already_handed_out_does_not_come_twice() -> None:
    hub, _ = a_hub()
    client = hub.attach(OPERATOR, None)
    hub.publish([a_row(11), a_row(12)])
    hub.publish([a_row(12), a_row(13)])
    assert [m.get("position") for m in said_to(client)] == [10, 11, 12, 13]


def test_a_client_whose_snapshot_is_newer_than_the_feed_gets_only_what_follows() -> None:
    hub, _ = a_hub(10)
    client = hub.attach(OPERATOR, 12)
    hub.publish([a_row(11), a_row(12), a_row(13)])
    assert [m["position"] for m in said_to(client)] == [10, 13]


def test_a_slow_client_is_told_to_start_anew_and_then_follows_again() -> None:
    hub, _ = a_hub(0)
    slow = hub.attach(OPERATOR, None)
    hub.publish([a_row(n) for n in range(1, LIMIT + 3)])
    said = said_to(slow)
    assert [m.get("kind") for m in said[:1]] == ["resync"]
    # The hello took one place: the resync stands for everything up to LIMIT, the rest follows.
    assert [m["position"] for m in said] == [LIMIT, LIMIT + 1, LIMIT + 2]


def test_the_beat_says_how_old_the_knowledge_is() -> None:
    hub, clock = a_hub(10)
    client = hub.attach(OPERATOR, None)
    clock.forward(timedelta(seconds=7))
    hub.beat()
    beat = said_to(client)[-1]
    assert (beat["kind"], beat["position"], beat["age_s"]) == ("beat", 10, 7.0)


def test_a_process_that_stops_is_told_once_and_at_once() -> None:
    hub, _ = a_hub()
    client = hub.attach(OPERATOR, None)
    voice = ProcessState("voice", "silent", "process.silent")
    hub.tell_processes((voice,))
    hub.tell_processes((voice,))
    notices = [m for m in said_to(client) if m.get("kind") == "processes"]
    assert [n["processes"] for n in notices] == [
        [{"name": "voice", "state": "silent", "why": "process.silent"}]
    ]


def test_a_database_restored_to_an_older_state_makes_everybody_start_anew() -> None:
    hub, _ = a_hub(10)
    client = hub.attach(OPERATOR, None)
    hub.start_at(7)
    hub.publish([a_row(8)])
    said = said_to(client)
    assert [(m.get("kind"), m["position"]) for m in said] == [
        ("hello", 10),
        ("resync", 7),
        (None, 8),
    ]


def test_the_end_of_a_session_closes_only_sockets_opened_before_it() -> None:
    hub, _ = a_hub()
    account, closed = uuid4(), list[str]()
    hub.join(a_ticket(account, NOON - timedelta(seconds=5)), lambda: closed.append("earlier"))
    hub.join(a_ticket(account, NOON + timedelta(seconds=5)), lambda: closed.append("later"))
    hub.join(a_ticket(uuid4(), NOON - timedelta(seconds=5)), lambda: closed.append("another"))
    hub.publish([a_row(11, "session.ended", account)])
    assert closed == ["earlier"]


def test_two_people_in_one_seat_do_not_sign_each_other_out() -> None:
    hub, _ = a_hub()
    account, closed, earlier = uuid4(), list[str](), NOON - timedelta(seconds=5)
    hub.join(a_ticket(account, earlier, "session:a"), lambda: closed.append("a"))
    hub.join(a_ticket(account, earlier, "session:b"), lambda: closed.append("b"))
    hub.publish([a_row(11, "session.ended", account, '{"session": "session:a"}')])
    assert closed == ["a"]


def test_a_socket_that_opens_just_as_its_session_ends_is_closed_too() -> None:
    hub, _ = a_hub()
    account, closed = uuid4(), list[str]()
    hub.publish([a_row(11, "session.ended", account)])
    hub.join(a_ticket(account, NOON - timedelta(seconds=1)), lambda: closed.append("late"))
    assert closed == ["late"]


def test_a_session_that_ran_out_and_one_whose_rights_changed_are_closed_and_others_go_on() -> None:
    hub, _ = a_hub()
    closed = list[str]()
    for name in ("session:out", "session:changed", "session:good", "session:new"):
        hub.join(a_ticket(uuid4(), NOON, name), partial(closed.append, name))
    asked = hub.sessions - {"session:new"}
    hub.check_sessions(asked, {"session:changed": "others", "session:good": "rights"})
    assert sorted(closed) == ["session:changed", "session:out"]
    assert hub.sessions == {"session:good", "session:new"}


def test_a_closed_mailbox_says_its_last_word_and_no_more() -> None:
    async def story() -> list[str | None]:
        box = Mailbox()
        box.put("waiting", "resync")
        box.close("last")
        box.put("too late", "resync")
        return [await box.take(), await box.take()]

    assert asyncio.run(story()) == ["last", None]
