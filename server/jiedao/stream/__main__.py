# SPDX-License-Identifier: Apache-2.0
"""Run the stream process: `python -m jiedao.stream`, settings from JIEDAO_*."""

import asyncio
import contextlib
import logging
import resource
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import uvicorn
import uvloop
from starlette.types import ASGIApp

from jiedao.base import log
from jiedao.base.child import run_async_until_parent_gone
from jiedao.base.clock import SystemClock
from jiedao.base.errors import BadSetting
from jiedao.base.health import Heartbeat
from jiedao.base.settings import Settings, load_settings
from jiedao.stream.access import LOOPBACK
from jiedao.stream.app import Parts, build_parts, create_app

# A peer that takes nothing for this long is cut by the kernel, or its socket would stay for ever.
HUNG_MS = 60_000
MESSAGE_LIMIT = 16 * 1024
WATCH_S = 0.2


def main() -> int:
    try:
        settings = load_settings()
        listener = listen(settings.bind, settings.stream_port)
    except BadSetting as error:
        print(error.in_words("zh-CN"), error.in_words("en"), sep="\n", file=sys.stderr)
        return 2
    log.configure("stream", settings.log)
    # At INFO, uvicorn writes each socket's address with the ticket in it.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    allow_many_sockets()
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    run_async_until_parent_gone(lambda stop: serve(settings, listener, stop))
    return 0


def allow_many_sockets() -> None:
    """Open as many files as the machine lets us: the usual 1,024 are fewer than a town needs."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def listen(bind: str, port: int) -> socket.socket:
    """Open the listening socket.

    Raises:
        BadSetting: the address is not ours, or the port is taken.
    """
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, HUNG_MS)
    try:
        listener.bind((bind, port))
    except OSError as error:
        raise BadSetting(name="JIEDAO_STREAM_PORT", why=f"{bind}:{port}: {error}") from error
    return listener


class Server(uvicorn.Server):
    """A server that leaves the signals to the process that it runs in."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def make_server(app: ASGIApp, certificate: Path | None = None) -> Server:
    """The server, over TLS if there is a certificate with its key beside it.

    Deflate is off: it doubles the cost of telling a thousand sockets.
    """
    return Server(
        uvicorn.Config(
            app,
            ssl_certfile=certificate,
            ssl_keyfile=certificate and certificate.with_suffix(".key"),
            loop="none",
            http="httptools",
            ws="websockets-sansio",
            ws_max_size=MESSAGE_LIMIT,
            ws_per_message_deflate=False,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
    )


def certificate_of(settings: Settings) -> Path | None:
    """The certificate that the supervisor makes for any address but loopback."""
    path = settings.data_dir / "tls" / "server.pem"
    return path if settings.bind not in LOOPBACK and path.is_file() else None


async def serve(settings: Settings, listener: socket.socket, stop: asyncio.Event) -> None:
    """Serve until told to stop."""
    parts = build_parts(settings, SystemClock())
    server = make_server(create_app(parts), certificate_of(settings))
    with Heartbeat("stream", settings.data_dir, patience_s=5.0) as heartbeat:
        watching = asyncio.create_task(_say_ready(parts, heartbeat))
        serving = asyncio.create_task(server.serve([listener]))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
        watching.cancel()
        stopping.cancel()


async def _say_ready(parts: Parts, heartbeat: Heartbeat) -> None:
    while True:
        why = parts.why_not_ready()
        if why:
            heartbeat.not_ready(why)
        else:
            heartbeat.ready()
        await asyncio.sleep(WATCH_S)


if __name__ == "__main__":
    sys.exit(main())
