# SPDX-License-Identifier: Apache-2.0
"""A voice through the real voice process, over its socket, to loudspeakers of their own process."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from jiedao.base.blobs import BlobStore
from jiedao.base.clock import SystemClock
from jiedao.base.database import transact
from jiedao.trace.models import Record
from jiedao.voice import g711, talks
from jiedao.voice.g711 import Pcm
from jiedao.voice.match import likeness
from jiedao.voice.models import Announcement
from jiedao.voice.wav import read_wav
from tests.voice.conftest import LEAVE, SYSTEM, Station
from tests.voice.horns import Horns, running_horns
from tests.voice.page import BEFORE_S, PATIENCE_S, Page, speech


@pytest.fixture(scope="module")
def horns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Horns]:
    with running_horns(tmp_path_factory.mktemp("horns")) as bank:
        yield bank


def asked(loudspeaker: UUID) -> UUID:
    with transact(SYSTEM, SystemClock()) as tx:
        return talks.ask_talk(tx, loudspeaker=loudspeaker)


@contextmanager
def holding(station: Station, loudspeaker: UUID) -> Iterator[tuple[UUID, Page]]:
    """Somebody holds the key."""
    path = station.socket
    end = time.monotonic() + PATIENCE_S
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    talk = asked(loudspeaker)
    page = Page(path, talk)
    try:
        yield talk, page
    finally:
        page.leaves()


def words_found(heard: Pcm) -> float:
    """The share of quarter seconds of the words that were heard whole.

    A machine that is busy elsewhere may stall the microphone's clock; each stall costs one.
    """
    words = speech()[round(BEFORE_S * g711.RATE_HZ) :]
    pieces = np.split(words, range(0, len(words), g711.RATE_HZ // 4)[1:])
    loud = [piece for piece in pieces if np.abs(piece).max() > 3000]
    return sum(likeness(piece, heard) > 0.99 for piece in loud) / len(loud)


def blob(station: Station, name: str | None) -> Pcm:
    assert name is not None
    return read_wav(BlobStore(station.folder / "blobs").path(name).read_bytes())


def test_a_voice_is_heard_at_the_loudspeaker_and_kept(speaking: Station, horns: Horns) -> None:
    speaker = speaking.a_loudspeaker("speaker-041", horns.port)
    with holding(speaking, speaker) as (talk, page):
        page.says(speech())
        page.releases()
        over = page.hears("over")
    row = speaking.wait_over(talk)
    assert (row.state, row.failure, over["why"], over["heard"]) == ("played", "", "released", True)
    (ended,) = horns.wait_for("ended", account="speaker-041")
    heard, sent = read_wav(Path(ended["wav"]).read_bytes()), blob(speaking, row.rendered_blob)
    assert likeness(sent, heard) > 0.99
    assert likeness(sent, blob(speaking, row.heard_blob)) > 0.99
    assert words_found(heard) > 0.8
    with transact(SYSTEM, SystemClock()):
        records = Record.objects.filter(subject_id=talk).order_by("id")
        assert [r.verb for r in records] == ["talk.asked", "talk.playing", "talk.played"]
        assert 4 < records[2].payload["seconds"] < 8


def test_a_stop_ends_it_in_the_middle_of_a_word(speaking: Station, horns: Horns) -> None:
    speaker = speaking.a_loudspeaker("speaker-042", horns.port)
    with holding(speaking, speaker) as (talk, page):
        page.says(speech()[: g711.RATE_HZ])
        page.stops()
        assert page.hears("over")["why"] == "stopped"
    assert speaking.wait_over(talk).state == "stopped"


def test_a_page_that_is_gone_ends_its_talk_and_frees_the_loudspeaker(
    speaking: Station, horns: Horns
) -> None:
    speaker = speaking.a_loudspeaker("speaker-043", horns.port)
    with holding(speaking, speaker) as (talk, page):
        page.says(speech()[: g711.RATE_HZ])
        page.leaves()
    row = speaking.wait_over(talk)
    with transact(SYSTEM, SystemClock()):
        assert Record.objects.get(subject_id=talk, verb="talk.stopped").payload["why"] == "lost"
    assert row.state == "stopped"
    with holding(speaking, speaker) as (again, page):
        page.says(speech()[: g711.RATE_HZ // 2])
        page.releases()
        page.hears("over")
    assert speaking.wait_over(again).state == "played"


def test_a_page_that_falls_silent_with_its_socket_open_is_gone_too(
    speaking: Station, horns: Horns
) -> None:
    speaker = speaking.a_loudspeaker("speaker-044", horns.port)
    with holding(speaking, speaker) as (talk, page):
        page.says(speech()[: g711.RATE_HZ // 2])
        assert page.hears("over")["why"] == "lost"
    assert speaking.wait_over(talk).state == "stopped"


def test_an_announcement_breaks_off_for_a_person_and_is_said_again(
    speaking: Station, horns: Horns
) -> None:
    speaker = speaking.a_loudspeaker("speaker-045", horns.port)
    notice = speaking.ask(speaker, LEAVE)
    speaking.wait(notice, lambda row: row.state == "playing")
    with holding(speaking, speaker) as (talk, page):
        saying = page.says_meanwhile(speech())
        page.hears("speaking")
        saying.join(PATIENCE_S)
        page.releases()
        page.hears("over")
    talked, whole = speaking.wait_over(talk), speaking.wait_over(notice)
    assert (talked.state, whole.state) == ("played", "played")
    assert talked.finished_at is not None
    assert whole.started_at is not None
    assert talked.finished_at <= whole.started_at


@pytest.mark.parametrize(
    ("account", "fault", "code"),
    [("speaker-046", "busy", "voice.busy"), ("speaker-047", "no_answer", "voice.no_answer")],
)
def test_a_loudspeaker_that_does_not_take_the_call_is_said_in_plain_words(
    speaking: Station, horns: Horns, account: str, fault: str, code: str
) -> None:
    speaker = speaking.a_loudspeaker(account, horns.port)
    horns.fault(account, fault)
    with holding(speaking, speaker) as (talk, page):
        page.says_meanwhile(np.tile(speech(), 2))
        refused = page.hears("refused")
    assert refused["code"] == code
    assert set(refused["message"]) == {"zh-CN", "en"}
    assert (speaking.wait_over(talk).state, speaking.row(talk).failure) == ("failed", code)


def test_a_loudspeaker_that_takes_the_call_but_gets_nothing_has_not_played(
    speaking: Station, horns: Horns
) -> None:
    deaf = speaking.a_loudspeaker("speaker-048", horns.port)
    horns.fault("speaker-048", "deaf")
    row = speaking.wait_over(speaking.ask(deaf, LEAVE))
    assert (row.state, row.failure, row.heard_blob) == ("failed", "voice.not_heard", None)
    assert row.packets > 200


def test_nobody_speaks_without_a_row_that_waits(speaking: Station, horns: Horns) -> None:
    speaker = speaking.a_loudspeaker("speaker-049", horns.port)
    with holding(speaking, speaker) as (talk, page):
        page.says(speech()[: g711.RATE_HZ // 2])
        page.releases()
        page.hears("over")
    again = Page(speaking.socket, talk)
    assert again.hears("refused")["code"] == "voice.talk_unknown"
    with transact(SYSTEM, SystemClock()):
        assert Announcement.objects.filter(loudspeaker_id=speaker).count() == 1
