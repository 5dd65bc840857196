# SPDX-License-Identifier: Apache-2.0
"""Steps that have to be done before the processes start, each in a process of its own."""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Mapping

from jiedao.base.errors import JiedaoError
from jiedao.base.log import get
from jiedao.main.groups import end_group

log = get(__name__)


class StepFailed(JiedaoError):
    """A step before the processes failed; nothing was started."""

    code = "up.step_failed"


class Stopped(Exception):
    """Told to stop while starting."""


def run_step(
    name: str, command: list[str], environment: Mapping[str, str], stop: threading.Event
) -> str:
    """Run a step to its end in a session of its own; what it printed.

    Raises:
        StepFailed: with the last line it said; all of it goes to standard error.
        Stopped: told to stop; the step was ended.
    """
    begun_s = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own steps
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    try:
        while True:
            if stop.is_set():
                raise Stopped
            with contextlib.suppress(subprocess.TimeoutExpired):
                said, _ = process.communicate(timeout=0.1)
                break
    finally:
        if process.returncode is None:
            end_group(process.pid)
            process.communicate()
    if process.returncode != 0:
        print(said, file=sys.stderr, flush=True)
        raise StepFailed(step=name, why=said.strip().rpartition("\n")[2], status=process.returncode)
    log.info("step done", step=name, took_s=round(time.monotonic() - begun_s, 1))
    return said
