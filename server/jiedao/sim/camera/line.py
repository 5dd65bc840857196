# SPDX-License-Identifier: Apache-2.0
"""Start lines that fail on request: ``python -m jiedao.sim.camera.line --to 127.0.0.1:8554``.

Each ``--mount`` gets a port of its own. One JSON object a line on stdin, one on stdout:
``{"mount": "a", "fault": "freeze"}`` begins a fault, ``{"mount": "a", "fault": null}`` ends it;
the answer says when that was. It ends with stdin.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping

from jiedao.sim.camera.proxy import Line, LineFault, Truth


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jiedao.sim.camera.line", description=__doc__)
    parser.add_argument("--to", required=True, metavar="HOST:PORT", help="the camera")
    parser.add_argument("--mount", action="append", required=True, metavar="NAME=STREAM[,OTHER]")
    return parser


def lines_of(options: argparse.Namespace) -> dict[str, Line]:
    """The lines asked for, by name.

    Raises:
        ValueError: an address or a mount that cannot be read.
    """
    host, _, port = options.to.rpartition(":")
    lines = {}
    for text in options.mount:
        name, _, streams = text.partition("=")
        stream, _, other = streams.partition(",")
        lines[name] = Line((host, int(port)), stream, other or stream)
    return lines


async def obey(lines: Mapping[str, Line], text: str) -> dict[str, object]:
    """Carry out one command; what is wrong with it is in the answer's "error"."""
    try:
        command = json.loads(text)
        line, wanted = lines[command["mount"]], command["fault"]
        truth = await (line.mend() if wanted is None else line.fail(LineFault(wanted)))
    except (KeyError, TypeError, ValueError) as error:
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}
    return {"ok": True, **_told(truth)}


def _told(truth: Truth) -> dict[str, object]:
    return {"fault": truth.fault, "began_s": truth.began_s, "ended_s": truth.ended_s}


async def run(lines: Mapping[str, Line]) -> None:
    ports = {name: await line.listen() for name, line in lines.items()}
    print(json.dumps({"ready": True, "ports": ports}), flush=True)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while text := await reader.readline():
        print(json.dumps(await obey(lines, text.decode("utf-8", "replace"))), flush=True)
    for line in lines.values():
        await line.close()


def main() -> None:
    parser = arguments()
    try:
        lines = lines_of(parser.parse_args())
    except ValueError as error:
        parser.error(str(error))
    asyncio.run(run(lines))


if __name__ == "__main__":
    main()
