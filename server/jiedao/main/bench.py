# SPDX-License-Identifier: Apache-2.0
"""`jiedao bench [NAME] [--json]`: one measurement, or all of them one after the other.

Every bench is a program in bench/ of a checkout, and says at its end whether its targets hold.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from jiedao.base.errors import JiedaoError

CHECKOUT = Path(__file__).resolve().parents[3]
_IS_PROGRAM = 'if __name__ == "__main__":'
_REPORTS = "from bench.report import conclude"


class NoSuchBench(JiedaoError):
    """No bench of this name, or no checkout to run it from."""

    code = "bench.unknown"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help=", ".join(names()))
    parser.add_argument("options", nargs=argparse.REMAINDER, help="--json …")


def run(arguments: argparse.Namespace) -> int:
    known = names()
    name, options = arguments.name, arguments.options
    if not known or (name is not None and name not in known):
        raise NoSuchBench(name=name or "", known=", ".join(known))
    chosen = known if name is None else [name]
    # Each in a process of its own: one bench's memory and threads are no part of the next.
    statuses = [
        subprocess.run(  # noqa: S603 - our own programs
            [sys.executable, "-m", f"bench.{each}", *options], cwd=CHECKOUT, check=False
        ).returncode
        for each in chosen
    ]
    return max(statuses)


def names() -> list[str]:
    """The benches of this checkout; none in an installed package."""
    return sorted(
        path.stem
        for path in (CHECKOUT / "bench").glob("*.py")
        if _IS_PROGRAM in path.read_text("utf-8")
    )
