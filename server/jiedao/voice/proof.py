# SPDX-License-Identifier: Apache-2.0
"""What shows that a loudspeaker played what was sent. Pure."""

from dataclasses import dataclass

TELLS_AFTER = 50
"""Packets, one second: after so many a loudspeaker has had time to say that it gets them."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that an announcement was sent and heard.

    Attributes:
        packets: how many packets of 20 ms were sent.
        packets_lost: how many of them the loudspeaker says it lost (RTCP); None: it says nothing.
        end_confirmed: whether it confirmed the end of the call.
        heard_blob: what its monitor sent back, a WAV; None where it has no monitor.
        heard_match: likeness of that to what was rendered, 0..1.
        is_heard: whether it got the sound; None where it gives no sign either way.
    """

    packets: int
    packets_lost: int | None = None
    end_confirmed: bool = False
    heard_blob: str | None = None
    heard_match: float | None = None
    is_heard: bool | None = None


def was_heard(packets: int, lost: int | None, came_back: int, *, monitor: bool) -> bool | None:
    """Whether the sound reached a loudspeaker that took the call.

    Args:
        packets: sent.
        lost: as its RTCP report says; None: no report came.
        came_back: packets from its monitor.
        monitor: it agreed to send back what it plays.

    Returns:
        None where there is no sign: no report, and no monitor promised, or too short to tell.
    """
    if came_back:
        return True
    if lost is not None:
        return 2 * lost < packets
    return False if monitor and packets >= TELLS_AFTER else None
