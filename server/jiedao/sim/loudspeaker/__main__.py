# SPDX-License-Identifier: Apache-2.0
"""`python -m jiedao.sim.loudspeaker`: a bank of loudspeakers as a process.

Its first status line is `{"event": "ready", "sip_port": …}`. Lines of JSON on standard input set
faults, `{"account": "speaker-003", "fault": "busy"}`, null heals; when the input ends, it ends.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from jiedao.sim.loudspeaker.bank import Bank

BEAT_S = 1.0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jiedao.sim.loudspeaker")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--sip-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--count", type=int, default=90, help="speaker-001 … speaker-NNN")
    parser.add_argument("--status", type=Path, help="JSON lines; standard output without it")
    parser.add_argument("--heard-dir", type=Path, help="keep what was heard, one WAV a call")
    parser.add_argument("--password", default="", help="ask callers for a digest")
    parser.add_argument("--no-monitor", action="store_true", help="send no sound back")
    parser.add_argument("--name", default="sim-speaker", help="name of the readiness file")
    return parser.parse_args()


async def _serve(options: argparse.Namespace) -> None:
    accounts = frozenset(f"speaker-{number:03d}" for number in range(1, options.count + 1))
    if options.heard_dir:
        options.heard_dir.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        status = sys.stdout
        if options.status:
            status = stack.enter_context(options.status.open("a", encoding="utf-8"))
        bank = Bank(
            accounts,
            status,
            heard=options.heard_dir,
            password=options.password,
            monitor=not options.no_monitor,
        )
        port = await bank.open(options.host, options.sip_port)
        bank.say(event="ready", sip_port=port, pid=os.getpid(), accounts=len(accounts))
        beat = asyncio.create_task(_beat(options.name))
        try:
            await _obey_until_closed(bank)
        finally:
            beat.cancel()
            bank.close()


async def _obey_until_closed(bank: Bank) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        try:
            order = json.loads(line)
            bank.fault(str(order["account"]), order["fault"])
            bank.say(event="obeyed", account=order["account"], fault=order["fault"])
        except (ValueError, KeyError, TypeError) as error:
            bank.say(event="refused", line=line.decode(errors="replace").strip(), why=str(error))


async def _beat(name: str) -> None:
    """Renew the readiness file, where the platform keeps such files."""
    folder = os.environ.get("JIEDAO_DATA_DIR")
    if not folder:
        return
    path = Path(folder) / "run" / f"{name}.ready"
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        at = datetime.now(UTC).isoformat()
        fresh = path.with_suffix(f".{os.getpid()}.tmp")
        fresh.write_text(json.dumps({"pid": os.getpid(), "at": at, "state": "ready", "why": ""}))
        fresh.replace(path)
        await asyncio.sleep(BEAT_S)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(_options()))
