# SPDX-License-Identifier: Apache-2.0
"""`python -m jiedao.sim.phone`: simulated people on the public API, until standard input closes.

Who is played stands in a file that may change at any time (`--seats`):
`{"free": ["wangge1", …], "reports": true}`. Without the file everybody is played.
"""

import argparse
import json
import logging
import os
import sys
import threading
import time
from pathlib import Path

from jiedao.sim.phone.api import Api
from jiedao.sim.phone.people import Company, Json, Player, Seat

BEAT_S = 1.0
KINDS = ("worker", "operator", "verifier")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jiedao.sim.phone", description=__doc__)
    parser.add_argument("--api", required=True, help="such as http://127.0.0.1:8420")
    parser.add_argument("--accounts", type=Path, required=True, help="demo-accounts.json")
    parser.add_argument("--seats", type=Path, help="who is played now")
    parser.add_argument("--authority", type=Path, help="certificate to trust, for https")
    parser.add_argument("--pace", type=float, default=1.0, help="times faster than life")
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--ready", type=Path, help="keep a JSON file that says we are ready")
    return parser.parse_args()


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    given = options()
    closed = threading.Event()
    threading.Thread(target=_await_end_of_input, args=(closed,), daemon=True).start()
    company: Company | None = None
    while not closed.wait(BEAT_S / max(1.0, given.pace)):
        if company is None:
            company = _gather(given)
        else:
            _follow(company, given.seats)
            company.live(time.monotonic())
        if given.ready:
            _beat(given.ready, company is not None)


def _gather(given: argparse.Namespace) -> Company | None:
    """Everybody of the accounts file; None while there is none."""
    try:
        rows = json.loads(given.accounts.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    players = [
        Player(_seat(row), Api(given.api, given.authority)) for row in rows if row["kind"] in KINDS
    ]
    free = frozenset(player.seat.login for player in players)
    return Company(players, given.seed, given.pace, _say, free=free)


def _seat(row: Json) -> Seat:
    home = (float(row["lon"]), float(row["lat"]))
    return Seat(row["login"], row["password"], row["kind"], row["party"], home)


def _follow(company: Company, seats: Path | None) -> None:
    if seats is None:
        return
    try:
        told = json.loads(seats.read_text("utf-8"))
        company.free, company.reports = frozenset(told["free"]), bool(told["reports"])
    except (OSError, ValueError, KeyError):
        # Not written yet: nobody is played before the director has said who.
        company.free = frozenset()


def _say(event: Json) -> None:
    print(json.dumps(event, ensure_ascii=False), flush=True)


def _beat(path: Path, ready: bool) -> None:
    at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    state = {"state": "ready", "why": ""} if ready else {"state": "not_ready", "why": "starting"}
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({"pid": os.getpid(), "at": at, **state}))
    draft.replace(path)


def _await_end_of_input(closed: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    closed.set()


if __name__ == "__main__":
    main()
