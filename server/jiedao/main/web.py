# SPDX-License-Identifier: Apache-2.0
"""The web process: the synchronous application on granian, eight threads."""

import ssl
import threading
import urllib.error
import urllib.request
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from jiedao.base.child import watch_parent
from jiedao.base.health import BEAT_S, Heartbeat
from jiedao.base.log import configure
from jiedao.base.settings import Settings, load_settings
from jiedao.main.tls import certificate_paths

THREADS = 8


def main() -> None:
    settings = load_settings()
    configure("web", settings.log)
    secured = certificate_paths(settings)
    server = Granian(
        "jiedao.main.wsgi:application",
        address=settings.bind,
        port=settings.web_port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        # A worker's own requests are short; after this the supervisor ends the group anyway.
        workers_kill_timeout=3,
        websockets=False,
        log_level=LogLevels.error,
        # Its lines go through our own format, to the one handler there is.
        log_dictconfig={"handlers": {}, "loggers": {"_granian": {"handlers": []}}},
        ssl_cert=secured.certificate if secured else None,
        ssl_key=secured.key if secured else None,
    )
    watch_parent(server.signal_handler_interrupt)
    with Heartbeat("web", settings.data_dir) as heart:
        _watch_readiness(settings, heart, ca=secured.authority if secured else None)
        server.serve()


def _watch_readiness(settings: Settings, heart: Heartbeat, ca: Path | None) -> None:
    """Ask our own /ready from outside, as a browser would."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.bind, settings.bind)  # noqa: S104
    address = f"{'https' if ca else 'http'}://{host}:{settings.web_port}/ready"
    context = ssl.create_default_context(cafile=str(ca)) if ca else None

    def ask() -> None:
        wait_s, never = 0.05, threading.Event()
        while not never.wait(wait_s):
            try:
                with urllib.request.urlopen(address, timeout=3, context=context):  # noqa: S310
                    heart.ready()
                    wait_s = BEAT_S
            except urllib.error.HTTPError:
                heart.not_ready("database.away")
                wait_s = BEAT_S / 4
            except OSError:
                heart.not_ready("process.starting")

    threading.Thread(target=ask, name="readiness", daemon=True).start()


if __name__ == "__main__":
    main()
