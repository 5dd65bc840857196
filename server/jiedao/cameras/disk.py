# SPDX-License-Identifier: Apache-2.0
"""How full the disk of recordings is, and what follows from it. Pure but for one look."""

import os
from pathlib import Path
from typing import Final

WARN, SHED, STOP = 85, 90, 95
"""Percent: it is said; the oldest beyond the floor goes first; recording stops, alarms never do."""
EASED: Final = 2
"""Percent that it has to fall below a threshold before that is taken back."""

SIGNALS: Final = {WARN: "device.disk_85", SHED: "device.disk_90", STOP: "device.disk_95"}


def used_percent(folder: Path) -> float:
    """How full the disk of a folder is, 0..100; the folder is made if need be.

    Raises:
        OSError: there is no such disk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = os.statvfs(folder)
    used = found.f_blocks - found.f_bfree
    # What only the superuser may still write is not there for us.
    return 100 * used / max(1, used + found.f_bavail)


def level_of(used: float, before: int) -> int:
    """The highest threshold that is in force: 0, WARN, SHED or STOP.

    Args:
        used: percent.
        before: the level that was in force, which does not flutter.
    """
    level = 0
    for threshold in (WARN, SHED, STOP):
        if used >= threshold or (before >= threshold and used > threshold - EASED):
            level = threshold
    return level


def bytes_to_free(folder: Path) -> int:
    """How much has to go until the disk is as full as it may be without shedding."""
    found = os.statvfs(folder)
    used = found.f_blocks - found.f_bfree
    allowed = (used + found.f_bavail) * (SHED - EASED) / 100
    return max(0, int((used - allowed) * found.f_frsize))
