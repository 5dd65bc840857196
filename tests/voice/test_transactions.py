# SPDX-License-Identifier: Apache-2.0
"""Transactions: RFC 3261's timers, told by hand."""

import math

from jiedao.voice.dialog import reply
from jiedao.voice.sip import Headers, Request, Response
from jiedao.voice.transactions import Answered, Answers, ClientTransaction, Resend, Silent


def a_request(method: str = "INVITE") -> Request:
    headers: Headers = (
        ("via", "SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx"),
        ("from", "<sip:us@10.0.0.1>;tag=us"),
        ("to", "<sip:horn@10.0.0.2>"),
        ("call-id", "c"),
        ("cseq", f"4 {method}"),
    )
    return Request(headers, b"", method, "sip:horn@10.0.0.2")


def an_answer(status: int, method: str = "INVITE") -> Response:
    return reply(a_request(method), status, "x", "them")


def times_sent(transaction: ClientTransaction) -> tuple[list[float], bool]:
    """When it is sent again if nobody answers, and whether it gives up by itself."""
    transaction.start(0.0)
    times, silent = [0.0], False
    while transaction.due_at < math.inf:
        now = transaction.due_at
        steps = transaction.tick(now)
        times += [now for step in steps if isinstance(step, Resend)]
        silent = silent or steps == [Silent()]
    return times, silent


def test_an_unanswered_invite_is_repeated_at_doubling_intervals_for_32_seconds() -> None:
    times, silent = times_sent(ClientTransaction(a_request()))
    assert times == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert silent


def test_an_unanswered_bye_is_repeated_at_most_every_4_seconds_for_32_seconds() -> None:
    times, silent = times_sent(ClientTransaction(a_request("BYE")))
    assert times == [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert silent


def test_a_provisional_answer_ends_the_repeats_of_an_invite() -> None:
    transaction = ClientTransaction(a_request())
    transaction.start(0.0)
    assert transaction.receive(an_answer(180), 0.1) == [Answered(an_answer(180))]
    assert transaction.due_at == math.inf
    assert transaction.receive(an_answer(180), 0.2) == [], "each answer is told once"


def test_a_provisional_answer_slows_the_repeats_of_a_bye() -> None:
    transaction = ClientTransaction(a_request("BYE"))
    transaction.start(0.0)
    transaction.receive(an_answer(100, "BYE"), 0.1)
    assert transaction.due_at == 4.1


def test_a_taken_call_ends_the_transaction_and_leaves_the_ack_to_the_dialog() -> None:
    transaction = ClientTransaction(a_request())
    transaction.start(0.0)
    assert transaction.receive(an_answer(200), 0.1) == [Answered(an_answer(200))]
    assert transaction.done


def test_a_refused_call_is_acknowledged_each_time_the_refusal_comes() -> None:
    transaction = ClientTransaction(a_request())
    transaction.start(0.0)
    first = transaction.receive(an_answer(486), 0.1)
    assert isinstance(first[0], Resend)
    assert first[0].data.startswith(b"ACK sip:horn@10.0.0.2 SIP/2.0\r\n")
    assert b"branch=z9hG4bKx" in first[0].data
    assert b"tag=them" in first[0].data
    assert first[1:] == [Answered(an_answer(486))]
    assert transaction.receive(an_answer(486), 5.0) == [first[0]]
    assert transaction.tick(32.1) == []
    assert transaction.done


def test_a_call_given_up_before_any_answer_is_repeated_no_more_but_still_listened_to() -> None:
    transaction = ClientTransaction(a_request())
    transaction.start(0.0)
    transaction.stop_repeating()
    assert transaction.tick(0.5) == []
    assert transaction.receive(an_answer(200), 1.0) == [Answered(an_answer(200))]


def test_a_repeated_request_gets_the_same_answer_until_it_is_forgotten() -> None:
    answers = Answers()
    answers.keep(a_request("BYE"), b"200", 0.0)
    assert answers.repeat_of(a_request("BYE")) == b"200"
    assert answers.repeat_of(a_request("INVITE")) is None
    answers.keep(a_request("OPTIONS"), b"200", 33.0)
    assert answers.repeat_of(a_request("BYE")) is None
