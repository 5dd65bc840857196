# SPDX-License-Identifier: Apache-2.0
"""Ending a whole session that we opened for a child, and nothing else."""

import contextlib
import os
import signal
import time


def end_group(leader: int) -> None:
    """Kill what is left of the session whose leader we started and have not yet reaped."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def await_empty_group(leader: int, timeout_s: float = 2.0) -> None:
    """Wait until killed processes are gone: they let go of their ports a moment after the kill."""
    end_s = time.monotonic() + timeout_s
    with contextlib.suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < end_s:
            os.killpg(leader, 0)
            time.sleep(0.01)
