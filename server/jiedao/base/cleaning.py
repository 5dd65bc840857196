# SPDX-License-Identifier: Apache-2.0
"""Runs a program that rewrites one file of unknown origin; only that program dies of the file.

The program reads standard input (a file), writes standard output (a file), keeps its own limits,
and says one JSON object on standard error: facts of the result, or {"refused": "<why>"}.
"""

import errno
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PATIENCE_S = 20.0
UNREADABLE = {"refused": "unreadable"}


def rewrite(program: Path, source: Path, target: Path, *arguments: str) -> dict[str, Any]:
    """What the program said; UNREADABLE if it died, or did not end in time.

    Args:
        source: the bytes as they came.
        target: written anew; holds rubbish after a refusal.
        arguments: never from outside.

    Raises:
        OSError: the disk is full.
    """
    with source.open("rb") as inward, target.open("wb") as outward:
        try:
            done = subprocess.run(  # noqa: S603  # Our own programs, nothing from outside.
                [sys.executable, "-I", str(program), *arguments],
                stdin=inward,
                stdout=outward,
                stderr=subprocess.PIPE,
                env={},
                timeout=PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return UNREADABLE
    facts = _last_word(done.stderr)
    if facts.get("refused") == "disk_full":
        raise OSError(errno.ENOSPC, "no room for the rewritten file")
    return facts if done.returncode == 0 or "refused" in facts else UNREADABLE


def _last_word(spoken: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(spoken.splitlines()[-1])
    except (IndexError, ValueError):
        return UNREADABLE
    return facts if isinstance(facts, dict) else UNREADABLE
