# SPDX-License-Identifier: Apache-2.0
"""A call to a loudspeaker, told as a story of messages and times."""

from itertools import count

from jiedao.voice.call import OutgoingCall
from jiedao.voice.dialog import Command, Ended, Failed, Heard, Question, Send, Target, Up, reply
from jiedao.voice.digest import Credentials
from jiedao.voice.sdp import Media
from jiedao.voice.sip import Headers, Request, Response, parse

HORN = ("10.0.0.2", 5060)
SOUND = (
    b"v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 8\r\na=recvonly\r\n"
)
CONTACT: Headers = (("contact", "<sip:horn@10.0.0.9:5099>"),)


class Story:
    """A call, and what it has put on the wire."""

    def __init__(self, password: str = "") -> None:
        numbers = count(1)
        credentials = Credentials("horn", password) if password else None
        target = Target("horn", *HORN, credentials)
        self.call = OutgoingCall(target, ("10.0.0.1", 5070), b"offer", lambda: f"t{next(numbers)}")
        self.sent: list[Request | Response] = []
        self.hops: list[tuple[str, int]] = []
        self.news: list[Command] = []
        self.now = 0.0
        self._do(self.call.start(0.0))

    def _do(self, commands: list[Command]) -> None:
        for command in commands:
            if isinstance(command, Send):
                self.sent.append(parse(command.data))
                self.hops.append(command.to)
            else:
                self.news.append(command)

    @property
    def last(self) -> Request:
        message = self.sent[-1]
        assert isinstance(message, Request)
        return message

    def invite(self) -> Request:
        return [m for m in self.sent if isinstance(m, Request) and m.method == "INVITE"][-1]

    def answer(
        self, status: int, extra: Headers = (), body: bytes = b"", to: Request | None = None
    ) -> None:
        request = to or self.last
        response = reply(request, status, "x", "them", extra=extra, body=body)
        self._do(self.call.receive(response, HORN, self.now))

    def ask(self, method: str) -> None:
        headers: Headers = (
            ("via", f"SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK{method}"),
            ("from", "<sip:horn@10.0.0.2>;tag=them"),
            ("to", "<sip:jiedao@10.0.0.1>;tag=us"),
            ("call-id", self.call.call_id),
            ("cseq", f"1 {method}"),
        )
        request = Request(headers, b"", method, "sip:jiedao@10.0.0.1")
        self._do(self.call.receive(request, HORN, self.now))

    def hang_up(self) -> None:
        self._do(self.call.hang_up(self.now))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self._do(self.call.tick(self.now))


def methods(story: Story) -> list[str]:
    return [m.method if isinstance(m, Request) else str(m.status) for m in story.sent]


def test_the_invite_asks_three_ways_to_be_answered_by_itself() -> None:
    invite = Story().invite()
    assert invite.header("call-info").endswith("answer-after=0")
    assert "info=alert-autoanswer" in invite.header("alert-info")
    assert invite.header("answer-mode") == "Auto"
    assert invite.uri == "sip:horn@10.0.0.2:5060"


def test_a_taken_call_is_acknowledged_and_ended_by_us() -> None:
    story = Story()
    story.answer(100)
    story.answer(200, CONTACT, SOUND)
    assert story.news == [Up(Media("10.0.0.2", 4000, 4001, returns_sound=False))]
    assert methods(story) == ["INVITE", "ACK"]
    story.hang_up()
    assert story.last.method == "BYE"
    assert story.last.uri == "sip:horn@10.0.0.9:5099"
    assert story.hops[-1] == ("10.0.0.9", 5099), "the dialog goes to the contact"
    assert story.last.receiver.tag == "them"
    story.answer(200)
    assert story.news[-1] == Ended(by_peer=False, confirmed=True)
    story.wait(6.0)
    assert story.call.over


def test_the_ack_is_repeated_when_the_loudspeaker_repeats_its_answer() -> None:
    story = Story()
    invite = story.last
    story.answer(200, CONTACT, SOUND)
    story.answer(200, CONTACT, SOUND, to=invite)
    assert methods(story) == ["INVITE", "ACK", "ACK"]
    assert story.sent[1] == story.sent[2]
    assert len(story.news) == 1


def test_a_record_route_is_followed_in_reverse() -> None:
    story = Story()
    route: Headers = (("record-route", "<sip:10.0.0.7:5065;lr>, <sip:10.0.0.8;lr>"),)
    story.answer(200, (*CONTACT, *route), SOUND)
    assert story.last.all("route") == ("<sip:10.0.0.8;lr>", "<sip:10.0.0.7:5065;lr>")
    assert story.hops[-1] == ("10.0.0.8", 5060)


def test_a_password_is_given_when_asked_for() -> None:
    story = Story(password="pw")
    first = story.last
    story.answer(401, (("www-authenticate", 'Digest realm="r", nonce="n", qop="auth"'),))
    assert methods(story) == ["INVITE", "ACK", "INVITE"]
    assert story.last.header("authorization").startswith('Digest username="horn"')
    assert story.last.cseq == (first.cseq[0] + 1, "INVITE")
    assert story.last.call_id == first.call_id
    story.answer(200, CONTACT, SOUND)
    assert isinstance(story.news[-1], Up)


def test_a_proxy_is_answered_in_its_own_header() -> None:
    story = Story(password="pw")
    story.answer(407, (("proxy-authenticate", 'Digest realm="r", nonce="n"'),))
    assert story.last.header("proxy-authorization")


def test_a_wrong_password_fails_the_call_and_is_not_tried_again() -> None:
    story = Story(password="wrong")
    hint: Headers = (("www-authenticate", 'Digest realm="r", nonce="n", qop="auth"'),)
    story.answer(401, hint)
    story.answer(401, hint)
    assert story.news == [Failed(401, "x")]
    assert methods(story) == ["INVITE", "ACK", "INVITE", "ACK"]


def test_a_stale_nonce_is_tried_once_more() -> None:
    story = Story(password="pw")
    story.answer(401, (("www-authenticate", 'Digest realm="r", nonce="n"'),))
    story.answer(401, (("www-authenticate", 'Digest realm="r", nonce="m", stale=true'),))
    assert 'nonce="m"' in story.last.header("authorization")


def test_without_a_password_a_challenge_fails_the_call() -> None:
    story = Story()
    story.answer(401, (("www-authenticate", 'Digest realm="r", nonce="n"'),))
    assert story.news == [Failed(401, "x")]


def test_a_busy_loudspeaker_fails_the_call() -> None:
    story = Story()
    story.answer(486)
    assert story.news == [Failed(486, "x")]
    assert methods(story) == ["INVITE", "ACK"]


def test_a_silent_loudspeaker_fails_the_call_in_the_end() -> None:
    story = Story()
    while not story.news:
        story.wait(story.call.due_at - story.now)
    assert story.news == [Failed(408, "silence")]
    assert story.now == 32.0


def test_a_ringing_call_is_cancelled_when_given_up() -> None:
    story = Story()
    invite = story.last
    story.answer(180)
    story.hang_up()
    assert story.last.method == "CANCEL"
    assert story.last.branch == invite.branch
    assert story.news == [Failed(487, "given up")]
    story.answer(487, to=invite)
    assert story.last.method == "ACK"


def test_a_call_taken_just_when_it_was_given_up_is_ended_politely() -> None:
    story = Story()
    invite = story.last
    story.hang_up()
    assert methods(story) == ["INVITE"], "nothing was said yet, so there is nothing to cancel"
    story.answer(200, CONTACT, SOUND, to=invite)
    assert methods(story) == ["INVITE", "ACK", "BYE"]


def test_a_loudspeaker_that_takes_no_a_law_is_hung_up_on() -> None:
    story = Story()
    story.answer(200, CONTACT, SOUND.replace(b"AVP 8", b"AVP 0"))
    assert methods(story) == ["INVITE", "ACK", "BYE"]
    assert story.news == [Failed(488, "no A-law audio")]


def test_a_loudspeaker_may_end_the_call_and_repeat_that_it_did() -> None:
    story = Story()
    story.answer(200, CONTACT, SOUND)
    story.ask("BYE")
    story.ask("BYE")
    assert methods(story)[-2:] == ["200", "200"]
    assert story.news[-1] == Ended(by_peer=True, confirmed=True)
    assert len([n for n in story.news if isinstance(n, Ended)]) == 1


def test_a_loudspeaker_that_has_forgotten_the_call_counts_as_ended() -> None:
    story = Story()
    story.answer(200, CONTACT, SOUND)
    story.hang_up()
    story.answer(481)
    assert story.news[-1] == Ended(by_peer=False, confirmed=True)


def test_an_unconfirmed_end_is_an_end_that_says_so() -> None:
    story = Story()
    story.answer(200, CONTACT, SOUND)
    story.hang_up()
    while len(story.news) < 2:
        story.wait(story.call.due_at - story.now)
    assert story.news[-1] == Ended(by_peer=False, confirmed=False)


def test_what_is_asked_within_a_call_is_answered() -> None:
    story = Story()
    story.answer(200, CONTACT, SOUND)
    story.ask("OPTIONS")
    story.ask("INVITE")
    story.ask("REFER")
    assert methods(story)[-3:] == ["200", "200", "501"]
    assert story.sent[-2].body == b"offer"


def test_a_dead_processs_call_can_be_hung_up_by_the_next() -> None:
    story = Story()
    story.answer(200, CONTACT, SOUND)
    numbers = count(50)
    resumed = OutgoingCall.resume(
        story.call.leftover(), story.call.target, ("10.0.0.1", 5071), lambda: f"t{next(numbers)}"
    )
    (send,) = resumed.hang_up(0.0)
    assert isinstance(send, Send)
    bye, ack = parse(send.data), story.last
    assert isinstance(bye, Request)
    assert (bye.method, bye.uri, bye.call_id) == ("BYE", ack.uri, ack.call_id)
    assert (bye.sender.tag, bye.receiver.tag) == (ack.sender.tag, "them")
    assert bye.cseq[0] > ack.cseq[0]


def test_a_question_is_answered_by_any_final_answer() -> None:
    numbers = count(1)
    question = Question(Target("horn", *HORN), ("10.0.0.1", 5070), lambda: f"t{next(numbers)}")
    (send,) = question.start(0.0)
    assert isinstance(send, Send)
    asked = parse(send.data)
    assert isinstance(asked, Request)
    assert question.receive(reply(asked, 100, "x", "them"), HORN, 0.1) == []
    assert question.receive(reply(asked, 404, "x", "them"), HORN, 0.2) == [Heard(404)]
    assert question.tick(10.0) == []
    assert question.over
