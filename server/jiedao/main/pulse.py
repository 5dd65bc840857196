# SPDX-License-Identifier: Apache-2.0
"""The pulse process: the sequencer and the timers, nothing else.

One is active, by an advisory lock; another that is started stands by. Without the database the
process is not ready but lives on.
"""

import os
import threading

import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiedao.main.django_settings")

import django
from django.db import Error as DatabaseError
from django.db import connections

from jiedao.base import log
from jiedao.base.bus import PostgresBus
from jiedao.base.child import run_until_parent_gone
from jiedao.base.clock import SystemClock
from jiedao.base.health import Heartbeat
from jiedao.base.settings import Settings, load_settings
from jiedao.trace.sequencer import Sequencer

SEAL_IDLE_S = 0.01
SWEEP_EVERY_S = 0.05
RECONNECT_S = 0.5
CHECKPOINT_RETRY_S = 0.2


def main() -> None:
    settings = load_settings()
    log.configure("pulse", settings.log)
    django.setup()
    run_until_parent_gone(lambda stop: _live(settings, stop))


def _live(settings: Settings, stop: threading.Event) -> None:
    with Heartbeat("pulse", settings.data_dir, patience_s=10) as heart:
        active = threading.Event()
        timers = threading.Thread(target=_timers, args=(stop, active), name="timers", daemon=True)
        timers.start()
        while not stop.is_set():
            try:
                _seal(settings, stop, active, heart)
            except (psycopg.Error, OSError) as error:
                active.clear()
                heart.not_ready("database.away")
                log.get().warning("database away", error=str(error).strip()[:200])
                stop.wait(RECONNECT_S)
        timers.join(5)


def _seal(
    settings: Settings, stop: threading.Event, active: threading.Event, heart: Heartbeat
) -> None:
    bus = PostgresBus(settings.seal_dsn)
    try:
        # Autocommit, so that a batch is a transaction of its own: a bare read would otherwise open
        # one around all later batches, and nothing would ever be seen sealed.
        with psycopg.connect(settings.seal_dsn, autocommit=True) as connection:
            file = settings.checkpoint_dir / "heads.jsonl"
            sequencer = Sequencer(connection, bus, SystemClock(), file)
            while not sequencer.lead():
                heart.not_ready("pulse.standby")
                if stop.wait(RECONNECT_S):
                    return
            active.set()
            while not stop.is_set():
                sealed = sequencer.seal_batch()
                try:
                    sequencer.checkpoint()
                    heart.ready()
                except OSError as error:
                    # Records go on being sealed and told; their heads are written down later.
                    heart.not_ready("disk.checkpoint")
                    log.get().error("no checkpoint", error=str(error))
                    stop.wait(CHECKPOINT_RETRY_S)
                if not sealed:
                    stop.wait(SEAL_IDLE_S)
    finally:
        active.clear()
        bus.close()


def _timers(stop: threading.Event, active: threading.Event) -> None:
    from jiedao.main.timers import Timers  # noqa: PLC0415  # models need the applications loaded

    timers = Timers(SystemClock())
    while not stop.wait(SWEEP_EVERY_S):
        if not active.is_set():
            continue
        try:
            timers.sweep()
        except DatabaseError as error:
            connections.close_all()
            log.get().warning("timers wait for the database", error=str(error).strip()[:200])
            stop.wait(RECONNECT_S)
        except Exception:  # top of a worker loop: log, back off, go on
            log.get().exception("a timer failed")
            stop.wait(RECONNECT_S)


if __name__ == "__main__":
    main()
