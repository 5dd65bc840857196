# SPDX-License-Identifier: Apache-2.0
"""From a committed record to every desk that may see it: `python -m bench.feed [--json]`.

Start: COMMIT of the writing transaction, as role web, has returned. In between: the real pulse
process orders and seals the record, the real stream process hands it out. End: the text lies in
each client, all of them in one observing process of its own. Left out: the browser's rendering,
and the network. The alternative measured in the same run is a single client.
"""

import argparse
import hashlib
import json
import secrets
import subprocess
import sys
import time
from datetime import timedelta
from uuid import uuid4

from bench.report import conclude, percentile
from bench.stage import as_role, standing_with
from jiedao.base.clock import SystemClock
from jiedao.main.standing import Platform

SEED = 7
EVENTS_PER_S = 10
_OBSERVE = "import asyncio; from bench.feed_clients import observe; asyncio.run(observe())"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with standing_with("stream", "pulse") as platform:
        as_role(platform, "jiedao_web")
        one = measure(platform, 1, given.events)
        many = measure(platform, given.clients, given.events)
    figures = {
        **{f"one_client_{name}": value for name, value in one.items()},
        **{f"{given.clients}_clients_{name}": value for name, value in many.items()},
    }
    prefix = f"{given.clients}_clients_"
    return conclude(
        "feed",
        f"{given.events} records at {EVENTS_PER_S}/s to {given.clients} sockets on loopback;"
        " commit to receipt; rendering and network left out",
        figures,
        {
            # Half of the second within which an alarm has to stand on the desk; the other half
            # is the browser's.
            f"{prefix}receipt_ms_p99": ("<=", 250.0),
            f"{prefix}last_client_ms_p50": ("<=", 250.0),
            f"{prefix}lost": ("==", 0.0),
            f"{prefix}doubled": ("==", 0.0),
        },
        as_json=given.json,
    )


def measure(platform: Platform, clients: int, events: int) -> dict[str, float]:
    """Write the events, and ask the observer when each of them came to whom."""
    observer = subprocess.Popen(
        [sys.executable, "-c", _OBSERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert observer.stdin is not None
    assert observer.stdout is not None
    order = {
        "url": f"ws://127.0.0.1:{platform.settings.stream_port}",
        "tickets": tickets(clients),
    }
    observer.stdin.write(json.dumps(order) + "\n")
    observer.stdin.flush()
    assert observer.stdout.readline().strip() == "ready"
    committed_s = write(events)
    time.sleep(1.5)  # A poll and a beat longer than anything may take.
    observer.stdin.close()
    heard: list[list[tuple[int, float]]] = json.loads(observer.stdout.read())
    observer.wait()
    return figures_of(committed_s, heard)


def tickets(count: int) -> list[str]:
    """Tickets as web issues them, good for long enough to open every socket."""
    from jiedao.base.actor import system  # noqa: PLC0415
    from jiedao.base.database import transact  # noqa: PLC0415
    from jiedao.town.models import Ticket  # noqa: PLC0415

    tokens = [secrets.token_urlsafe(24) for _ in range(count)]
    with transact(system("bench"), SystemClock()) as tx:
        for token in tokens:
            Ticket.objects.create(
                token_hash=hashlib.sha256(token.encode()).digest(),
                account_id=uuid4(),
                party_id=uuid4(),
                audiences=["role:operator"],
                path="/",
                purpose="feed",
                subject=None,
                expires_at=tx.now + timedelta(minutes=5),
            )
    return tokens


def write(events: int) -> list[float]:
    """When the transaction of each record had been committed, monotonic seconds, in order."""
    from jiedao.base.actor import system  # noqa: PLC0415
    from jiedao.base.database import transact  # noqa: PLC0415
    from jiedao.trace.writing import Fact, record  # noqa: PLC0415

    committed_s = []
    begin_s = time.monotonic()
    for number in range(events):
        time.sleep(max(0.0, begin_s + number / EVENTS_PER_S - time.monotonic()))
        with transact(system("bench"), SystemClock()) as tx:
            fact = Fact(
                "bench.written",
                "bench",
                uuid4(),
                payload={"number": number, "padding": "x" * 200},
                audience=("role:operator",),
            )
            record(tx, fact)
        committed_s.append(time.monotonic())
    return committed_s


def figures_of(committed_s: list[float], heard: list[list[tuple[int, float]]]) -> dict[str, float]:
    """Positions are gapless and one writer wrote them in order, so the n-th event is the n-th."""
    first = min(position for seen in heard for position, _ in seen)
    expected = set(range(first, first + len(committed_s)))
    delays: list[list[float]] = [[] for _ in committed_s]
    lost = doubled = 0
    for seen in heard:
        positions = [position for position, _ in seen]
        lost += len(expected - set(positions))
        doubled += len(positions) - len(set(positions))
        for position, at_s in seen:
            if position in expected:
                delays[position - first].append((at_s - committed_s[position - first]) * 1000)
    every = [delay for event in delays for delay in event]
    return {
        "receipt_ms_p50": percentile(every, 0.5),
        "receipt_ms_p99": percentile(every, 0.99),
        "receipt_ms_max": max(every),
        "last_client_ms_p50": percentile([max(event) for event in delays if event], 0.5),
        "lost": float(lost),
        "doubled": float(doubled),
    }


if __name__ == "__main__":
    sys.exit(main())
