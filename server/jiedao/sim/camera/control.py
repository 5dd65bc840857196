# SPDX-License-Identifier: Apache-2.0
"""The director's line: one JSON object a line in, one out; over stdin and over loopback TCP."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Mapping

from jiedao.sim.camera.faults import Fault
from jiedao.sim.camera.mount import Mount


class Control:
    """Understands commands for the mounts of one simulator."""

    def __init__(self, mounts: Mapping[str, Mount]) -> None:
        self._mounts = mounts
        self.ports: dict[str, int] = {}
        self._server: asyncio.Server | None = None

    def status(self) -> dict[str, object]:
        """The ports, and for each mount its viewers and pictures."""
        mounts = {
            name: {
                "kind": mount.source.kind,
                "sessions": mount.sessions,
                "sessions_ever": mount.sessions_ever,
                "frames": mount.pictures,
                "fault": mount.faults.now,
            }
            for name, mount in self._mounts.items()
        }
        return {**self.ports, "mounts": mounts}

    def obey(self, line: str) -> dict[str, object]:
        """Carry out one command; what is wrong with it is in the answer's "error"."""
        try:
            return {"ok": True, **self._carry_out(_parse(line))}
        except ValueError as error:
            return {"ok": False, "error": str(error)}

    def _carry_out(self, command: Mapping[str, object]) -> dict[str, object]:
        if command.get("status"):
            return self.status()
        mount = self._mounts.get(str(command.get("mount")))
        if mount is None:
            raise ValueError(f"mounts: {', '.join(self._mounts)}")
        return _fail(mount, command) if "fault" in command else mount.cue(command)

    async def listen(self, port: int) -> int:
        """Answer on a loopback port; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ValueError):
            while line := await reader.readline():
                writer.write(
                    json.dumps(self.obey(line.decode("utf-8", "replace"))).encode() + b"\n"
                )
                await writer.drain()
        writer.close()

    async def follow_stdin(self) -> None:
        """Obey the lines of stdin until it closes."""
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            print(json.dumps(self.obey(line.decode("utf-8", "replace"))), flush=True)

    def close(self) -> None:
        if self._server:
            self._server.close()


def _parse(line: str) -> dict[str, object]:
    try:
        command = json.loads(line)
    except ValueError as error:
        raise ValueError("not JSON") from error
    if not isinstance(command, dict):
        raise ValueError("an object is expected")
    return command


def _fail(mount: Mount, command: Mapping[str, object]) -> dict[str, object]:
    try:
        fault = Fault(str(command["fault"]))
    except ValueError as error:
        raise ValueError(f"faults: {', '.join(Fault)}") from error
    for_s = command.get("for_s", 5.0)
    if not isinstance(for_s, int | float) or for_s < 0:
        raise ValueError("for_s is a number of seconds")
    mount.fail(fault, float(for_s))
    return {"fault": fault, "for_s": for_s}
