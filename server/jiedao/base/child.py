# SPDX-License-Identifier: Apache-2.0
"""How a process of the platform lives: until its work ends, it is told to stop, or its parent goes.

The supervisor gives every child a pipe as standard input and never writes to it. When the
supervisor ends, however violently, the pipe closes and the child ends too.
"""

import asyncio
import os
import signal
import stat
import sys
import threading
from collections.abc import Awaitable, Callable
from types import FrameType

PATIENCE_S = 6.0  # The supervisor allows 10 s for everything to stop.


def run_until_parent_gone(main: Callable[[threading.Event], None]) -> None:
    """Run a process's work, handing it an event that is set when it has to stop.

    The event is set when the parent's pipe closes, and on SIGTERM and SIGINT. Work that has not
    returned PATIENCE_S later is cut off, because a child that outlives its parent keeps ports.

    Args:
        main: the work; returns soon after its event is set. Its exceptions travel up.
    """
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    watch_parent(stop.set)
    _cut_off_after(stop)
    main(stop)


def run_async_until_parent_gone(main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """The same for a process that lives in an event loop."""

    async def body() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        late = threading.Event()

        def stop_now() -> None:
            late.set()
            if not loop.is_closed():
                loop.call_soon_threadsafe(stop.set)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop_now)
        watch_parent(stop_now)
        _cut_off_after(late)
        await main(stop)

    asyncio.run(body())


def watch_parent(on_gone: Callable[[], None]) -> None:
    """Call back, from a thread, once the parent's pipe closes.

    Standard input that is a terminal or a file is no parent's pipe and is left alone, so that
    every process can also be started by hand.
    """
    if not _is_pipe(sys.__stdin__.fileno() if sys.__stdin__ else -1):
        return

    def wait() -> None:
        while os.read(0, 4096):
            pass
        on_gone()

    threading.Thread(target=wait, name="parent", daemon=True).start()


def _is_pipe(handle: int) -> bool:
    try:
        mode = os.fstat(handle).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _cut_off_after(stop: threading.Event) -> None:
    def wait() -> None:
        stop.wait()
        threading.Event().wait(PATIENCE_S)
        os._exit(1)

    threading.Thread(target=wait, name="cut-off", daemon=True).start()
