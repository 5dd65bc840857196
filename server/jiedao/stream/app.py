# SPDX-License-Identifier: Apache-2.0
"""The one place where the stream process is wired together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from jiedao.base.blobs import BlobStore
from jiedao.base.clock import Clock
from jiedao.base.errors import JiedaoError
from jiedao.base.health import read_health
from jiedao.base.settings import Settings
from jiedao.stream import answers, store
from jiedao.stream.access import allowed_hosts
from jiedao.stream.errors import DatabaseAway
from jiedao.stream.feed_api import FeedDoor
from jiedao.stream.hub import BEAT_S, Hub
from jiedao.stream.messages import ProcessState
from jiedao.stream.positions_api import PositionDoor
from jiedao.stream.reader import FeedReader
from jiedao.stream.relay import Relay
from jiedao.stream.spool import Spool
from jiedao.stream.store import Database
from jiedao.stream.talk_api import TalkDoor
from jiedao.stream.upload_api import UploadDoor
from jiedao.stream.video_api import VideoDoor

FRESH_S = 3.0
LOOK_S = 1.0
CHECK_S = 2.0
SWEEP_S = 600.0

log = structlog.get_logger("jiedao.stream")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the doors of the process share."""

    settings: Settings
    clock: Clock
    database: Database
    hub: Hub
    spool: Spool
    relay: Relay

    def why_not_ready(self) -> str:
        """A message code, or "" when the feed follows the database."""
        age_s = self.hub.age_s
        return "" if age_s is not None and age_s < FRESH_S else "database.away"


def build_parts(settings: Settings, clock: Clock) -> Parts:
    database = Database(settings.dsn)
    spool = Spool(settings.data_dir / "spool" / "uploads", BlobStore(settings.blob_dir))
    return Parts(settings, clock, database, Hub(clock), spool, Relay(settings.socket_path))


def create_app(parts: Parts) -> Starlette:
    """The ASGI application; its tasks live as long as its lifespan."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await parts.database.open()
        tasks = [
            asyncio.create_task(FeedReader(parts.settings.dsn, parts.hub).run()),
            asyncio.create_task(_beat(parts.hub)),
            asyncio.create_task(_watch_processes(parts)),
            asyncio.create_task(_watch_sessions(parts)),
            asyncio.create_task(_sweep(parts)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await parts.relay.close()
            await parts.database.close()

    async def health(_request: Request) -> Response:
        return answers.answer({"name": "stream", "state": "alive"})

    async def ready(_request: Request) -> Response:
        why = parts.why_not_ready()
        content = {
            "name": "stream",
            "state": "not_ready" if why else "ready",
            "why": why,
            "position": parts.hub.position,
            "age_s": parts.hub.age_s,
            "listening": parts.hub.listening,
            "watched": parts.relay.watched,
            "media": "present" if parts.settings.socket_path.is_socket() else "absent",
        }
        return answers.answer(content, 503 if why else 200)

    uploads = UploadDoor(parts.database, parts.spool, parts.clock)
    positions = PositionDoor(parts.database, parts.clock)
    talks = TalkDoor(parts.database, parts.hub, parts.settings.talk_socket_path)
    return Starlette(
        routes=[
            Route("/health", health),
            Route("/ready", ready),
            Route("/upload", uploads.announce, methods=["POST"]),
            Route("/upload/{name}", uploads.standing, methods=["GET"]),
            Route("/upload/{name}", uploads.add, methods=["PATCH"]),
            Route("/positions", positions.take, methods=["POST"]),
            WebSocketRoute("/feed", FeedDoor(parts.database, parts.hub).follow),
            WebSocketRoute("/video", VideoDoor(parts.database, parts.hub, parts.relay).show),
            WebSocketRoute("/talk", talks.hold),
        ],
        middleware=[Middleware(answers.OwnPagesOnly, allowed=allowed_hosts(parts.settings))],
        exception_handlers={
            JiedaoError: answers.on_refusal,
            ClientDisconnect: answers.on_client_gone,
            404: answers.on_unknown_path,
            405: answers.on_unknown_path,
            500: answers.on_defect,
        },
        lifespan=lifespan,
    )


async def _beat(hub: Hub) -> None:
    while True:
        await asyncio.sleep(BEAT_S)
        hub.beat()


async def _sweep(parts: Parts) -> None:
    """Forget uploads that nobody finished."""
    while True:
        try:
            await asyncio.to_thread(parts.spool.sweep, parts.clock.now())
        except OSError as error:
            log.warning("the spool could not be swept", why=str(error))
        await asyncio.sleep(SWEEP_S)


async def _watch_processes(parts: Parts) -> None:
    """Read what the processes say of themselves, and tell everybody when that changes."""
    run_dir = parts.settings.data_dir / "run"
    while True:
        parts.hub.tell_processes(await asyncio.to_thread(_process_states, run_dir))
        await asyncio.sleep(LOOK_S)


async def _watch_sessions(parts: Parts) -> None:
    """Close the sockets of whoever's session ran out or whose appointments changed.

    A sign-out is told by a record and closes at once; time running out tells nobody.
    """
    while True:
        await asyncio.sleep(CHECK_S)
        asked = parts.hub.sessions
        try:
            async with parts.database.transaction() as link:
                standings = await store.standings(link, list(asked), parts.clock.now())
        except DatabaseAway:
            continue  # Nothing is known to be over; it is asked again.
        except Exception:
            # A defect in one look must not leave sockets open for ever: it is tried again.
            log.exception("the sessions could not be checked")
            continue
        parts.hub.check_sessions(asked, standings)


def _process_states(run_dir: Path) -> tuple[ProcessState, ...]:
    return tuple(ProcessState(h.name, h.state, h.why) for h in read_health(run_dir))
