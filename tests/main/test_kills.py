# SPDX-License-Identifier: Apache-2.0
"""A drill closes although web, or the whole of PostgreSQL, is killed in its middle.

The other five targets are in `jiedao bench kills`: each costs a platform of its own.
"""

import pytest
from bench.kills import drill_with_kill


@pytest.mark.slow
@pytest.mark.parametrize("target", ["web", "postgres"])
def test_a_drill_closes_and_nothing_acknowledged_is_lost_or_doubled(target: str) -> None:
    outcome = drill_with_kill(target)
    assert outcome.killed > 0
    assert outcome.result["closed"], outcome.result["waits_for"]
    assert outcome.result["trace_ok"]
    assert outcome.acknowledged > 0
    assert (outcome.lost, outcome.doubled) == (0, 0)
