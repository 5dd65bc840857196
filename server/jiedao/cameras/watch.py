# SPDX-License-Identifier: Apache-2.0
"""`jiedao watch`: the platform's own rules on one file or address, without a server.

Prints one JSON object a line; docs/reference/watch.md lists them.
"""

import argparse
import json
import queue
import signal
import subprocess
import threading
from pathlib import Path
from typing import Final

from jiedao.base.errors import BadInput, JiedaoError
from jiedao.base.words import LANGUAGES, say
from jiedao.cameras.clip import Order, command
from jiedao.vision import ZonePlan

SILENT_S: Final = 30.0  # A child that has nothing to say for so long is stuck in its decoder.
FPS_MOST: Final = 60.0


class ClipKillsDecoder(JiedaoError):
    """The decoder ended by a signal. Facts: file, signal, t_s."""

    code = "clip.kills_decoder"


class ClipStuck(JiedaoError):
    """The decoder makes no progress and was ended. Facts: file, t_s."""

    code = "clip.stuck"


class BadPace(BadInput):
    """--fps outside 0..60. Facts: value, most."""

    code = "watch.bad_fps"


class RefusedInChild(JiedaoError):
    """A refusal that the child told, with its own code and facts."""

    def __init__(self, child_code: str, facts: dict[str, object]) -> None:
        self.child_code = child_code
        super().__init__(**facts)

    def in_words(self, language: str) -> str:
        return say(self.child_code, language, **self.facts)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help=_both("cli.watch.source"))
    parser.add_argument("--zones", required=True, metavar="FILE", help=_both("cli.watch.zones"))
    parser.add_argument("--model", metavar="ONNX", help=_both("cli.watch.model"))
    parser.add_argument("--fps", type=float, default=5.0, help=_both("cli.watch.fps"))
    parser.add_argument("--realtime", action="store_true", help=_both("cli.watch.realtime"))


def run(arguments: argparse.Namespace) -> int:
    """Watch to the source's end; events go to standard output as they are decided."""
    if not 0 < arguments.fps <= FPS_MOST:
        raise BadPace(value=arguments.fps, most=FPS_MOST)
    # Read here first, so that a wrong zone file is told before anything is opened.
    ZonePlan.parse(Path(arguments.zones))
    order = Order(
        arguments.source, arguments.zones, arguments.model, arguments.fps, arguments.realtime
    )
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
        command(order),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # Media libraries chatter there; what matters comes in lines.
        start_new_session=True,
        text=True,
    )
    try:
        _relay(child, arguments.source)
    finally:
        child.kill()
        child.wait()
    return 0


def _relay(child: "subprocess.Popen[str]", source: str) -> None:
    """Pass the child's events on until it says how it ended.

    Raises:
        RefusedInChild: what the child could not do.
        ClipKillsDecoder, ClipStuck: it ended, or stopped, without a word.
    """
    name = Path(source).name if "://" not in source else "rtsp"
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(child, lines), daemon=True).start()
    t_s = 0.0
    while True:
        try:
            text = lines.get(timeout=SILENT_S)
        except queue.Empty:
            raise ClipStuck(file=name, t_s=t_s) from None
        line = None if text is None else json.loads(text)
        match line:
            case {"event": event}:
                print(json.dumps(event, ensure_ascii=False), flush=True)
            case {"beat": beat}:
                t_s = beat
            case {"refused": {"code": code, "facts": facts}}:
                raise RefusedInChild(code, facts)
            case {"end": _}:
                return
            case _:
                raise ClipKillsDecoder(file=name, signal=_how_it_ended(child), t_s=t_s)


def _read(child: "subprocess.Popen[str]", lines: "queue.SimpleQueue[str | None]") -> None:
    for text in child.stdout or ():
        if text.endswith("\n"):  # The child may have been cut off in the middle of a line.
            lines.put(text)
    lines.put(None)


def _how_it_ended(child: "subprocess.Popen[str]") -> str:
    status = child.wait()
    try:
        return signal.Signals(-status).name
    except ValueError:
        return str(status)


def _both(code: str) -> str:
    return " · ".join(say(code, language) for language in LANGUAGES).replace("%", "%%")
