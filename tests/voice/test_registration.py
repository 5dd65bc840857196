# SPDX-License-Identifier: Apache-2.0
"""Loudspeakers behind an exchange: our own account is registered there, and calls go through it."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from jiedao.trace.models import Record
from jiedao.voice import actions, g711, reach
from jiedao.voice.call import OutgoingCall
from jiedao.voice.dialog import Command, Failed, Identity, Registered, Send, Target
from jiedao.voice.digest import Credentials
from jiedao.voice.ledger import _through
from jiedao.voice.line import CallFailed, Line
from jiedao.voice.models import Exchange
from jiedao.voice.registration import Registration
from jiedao.voice.sip import Headers, Request, Response, parse
from tests.voice.horns import Horns, running_horns
from tests.world import World

HERE, SERVER = ("10.0.0.1", 5080), ("10.0.0.2", 5060)
HINT: Headers = (("www-authenticate", 'Digest realm="r", nonce="n", qop="auth"'),)
US = Identity("duty", "town.example")


def token() -> "Iterator[str]":
    return (f"t{number}" for number in count())


class Story:
    """A registration, told answer by answer."""

    def __init__(self, password: str = "pw") -> None:  # noqa: S107
        login = Credentials("duty", password) if password else None
        tokens = token()
        self.sent: list[Request] = []
        self.news: list[Command] = []
        target = Target("duty", *SERVER, login, US)
        self.dialog = Registration(target, HERE, lambda: next(tokens))
        self._do(self.dialog.start(0.0))

    def answers(self, status: int, more: Headers = ()) -> None:
        copied = [h for h in self.sent[-1].headers if h[0] in ("via", "from", "to", "call-id")]
        headers: Headers = (*copied, ("cseq", self.sent[-1].header("cseq")), *more)
        self._do(self.dialog.receive(Response(headers, b"", status, "x"), SERVER, 0.1))

    def _do(self, commands: list[Command]) -> None:
        for command in commands:
            if isinstance(command, Send):
                message = parse(command.data)
                assert isinstance(message, Request)
                assert command.to == SERVER
                self.sent.append(message)
            else:
                self.news.append(command)


def test_an_exchange_is_told_who_we_are_and_where() -> None:
    (asked,) = Story().sent
    assert (asked.method, asked.uri) == ("REGISTER", "sip:town.example")
    assert asked.header("from").startswith("<sip:duty@town.example>;tag=")
    assert asked.header("to") == "<sip:duty@town.example>"
    assert asked.header("contact") == "<sip:duty@10.0.0.1:5080>"


def test_the_password_is_given_when_asked_for_and_the_time_is_the_exchanges() -> None:
    story = Story()
    story.answers(401, HINT)
    assert story.sent[-1].header("authorization").startswith('Digest username="duty"')
    assert story.sent[-1].cseq[0] == story.sent[0].cseq[0] + 1
    story.answers(200, (("expires", "120"),))
    assert story.news == [Registered(120)]


@pytest.mark.parametrize("password", ["pw", ""])
def test_a_wrong_password_and_none_at_all_are_not_tried_again(password: str) -> None:
    story = Story(password)
    for _ in range(3):
        story.answers(401, HINT)
    assert story.news == [Failed(401, "x")]


def test_a_nonce_that_has_grown_stale_is_answered_once_more() -> None:
    story = Story()
    story.answers(401, HINT)
    stale = 'Digest realm="r", nonce="m", qop="auth", stale=true'
    story.answers(401, (("www-authenticate", stale),))
    assert 'nonce="m"' in story.sent[-1].header("authorization")
    story.answers(200)
    assert story.news == [Registered(300)]


def test_an_exchange_that_wants_longer_stays_gets_them() -> None:
    story = Story()
    story.answers(423, (("min-expires", "900"),))
    assert story.sent[-1].header("expires") == "900"
    story.answers(423, (("min-expires", "nonsense"),))
    assert story.news == [Failed(423, "x")]


def test_silence_is_a_failure() -> None:
    story = Story()
    story._do(story.dialog.tick(40.0))
    assert story.news == [Failed(408, "silence")]


def test_a_call_through_an_exchange_goes_by_its_domain_in_our_own_name() -> None:
    target = Target("speaker-001", *SERVER, Credentials("duty", "pw"), US)
    tokens = token()
    call = OutgoingCall(target, HERE, b"", lambda: next(tokens))
    (sent,) = call.start(0.0)
    assert isinstance(sent, Send)
    invite = parse(sent.data)
    assert isinstance(invite, Request)
    assert (invite.uri, sent.to) == ("sip:speaker-001@town.example", SERVER)
    assert invite.header("from").startswith("<sip:duty@town.example>;tag=")


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Horns]:
    """A bank that asks whoever comes for a password."""
    with running_horns(tmp_path_factory.mktemp("exchange"), "--password", "pw") as bank:
        yield bank


def test_on_the_wire_we_register_call_and_are_heard(exchange: Horns) -> None:
    async def story() -> tuple[int, int]:
        line = await Line.open()
        login = Credentials("duty", "pw")
        try:
            known_s = await line.register(Target("duty", "127.0.0.1", exchange.port, login, US))
            target = Target("speaker-001", "127.0.0.1", exchange.port, login, US)
            call = await line.dial(target, 2.0)
            packets = await call.play(g711.encode(g711.decode(b"\x01" * 1600)), lambda: None)
            await call.hang_up()
            return known_s, packets
        finally:
            await line.close()

    assert asyncio.run(story()) == (300, 10)
    assert exchange.wait_for("registered")[0]["account"] == "duty"


def test_on_the_wire_a_wrong_password_is_refused_and_silence_is_named(exchange: Horns) -> None:
    async def status_of(port: int, patience_s: float) -> int:
        line = await Line.open()
        target = Target("duty", "127.0.0.1", port, Credentials("duty", "wrong"), US)
        try:
            with pytest.raises(CallFailed) as failed:
                await line.register(target, patience_s)
            return failed.value.status
        finally:
            await line.close()

    assert asyncio.run(status_of(exchange.port, 2.0)) == 401
    assert asyncio.run(status_of(9, 0.2)) == 408


def an_exchange(world: World) -> Exchange:
    with world.platform():
        made = Exchange.objects.create(
            code="x", name="街道交换机", host="10.0.0.2", account="duty", password="pw"
        )
        world.loudspeaker.exchange = made
        world.loudspeaker.save()
    return made


def test_a_loudspeaker_of_an_exchange_is_called_through_it(world: World) -> None:
    made = an_exchange(world)
    with world.platform() as tx:
        actions.ask_announcement(tx, loudspeaker=world.loudspeaker.id, text="请离开")
        (row,) = actions.claim(tx, "one", [])
        assert row.loudspeaker.exchange == made
    target = _through(made, row.loudspeaker.sip_account)
    assert (target.host, target.credentials) == ("10.0.0.2", Credentials("duty", "pw"))
    assert str(target.uri) == "sip:speaker-001@10.0.0.2"


def test_whether_an_exchange_knows_us_is_recorded_when_it_changes(world: World) -> None:
    made = an_exchange(world)
    with world.platform() as tx:
        for failure in ("voice.no_answer", "voice.no_answer", "", ""):
            reach.note_registered(tx, made.id, failure)
        records = Record.objects.filter(subject_id=made.id).order_by("id")
        assert [r.verb for r in records] == ["exchange.offline", "exchange.online"]
        assert records[0].payload == {"name": "街道交换机", "code": "voice.no_answer"}
