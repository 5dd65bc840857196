# SPDX-License-Identifier: Apache-2.0
"""Whether a loudspeaker that took the call got the sound."""

import pytest

from jiedao.voice.proof import was_heard


@pytest.mark.parametrize(
    ("lost", "came_back", "monitor", "heard"),
    [
        (None, 180, True, True),
        (0, 0, False, True),
        (0, 0, True, True),
        (20, 0, False, True),
        (150, 0, False, False),
        (None, 0, True, False),
        (None, 0, False, None),
        (200, 180, True, True),
    ],
)
def test_a_loudspeaker_that_got_nothing_is_told_from_one_that_plays(
    lost: int | None, came_back: int, monitor: bool, heard: bool | None
) -> None:
    assert was_heard(200, lost, came_back, monitor=monitor) is heard


def test_a_second_is_too_short_to_tell_from_a_monitor_that_has_not_begun() -> None:
    assert was_heard(40, None, 0, monitor=True) is None
