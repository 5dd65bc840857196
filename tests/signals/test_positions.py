# SPDX-License-Identifier: Apache-2.0
"""Tracks are forgotten in time."""

from datetime import timedelta
from uuid import uuid4

from jiedao.signals.models import PositionHistory
from jiedao.signals.store import POSITIONS_KEPT
from tests.world import World, role


def test_a_track_is_forgotten_after_thirty_days_and_not_before(world: World) -> None:
    now = world.clock.now()
    ages = {"old": POSITIONS_KEPT + timedelta(days=1), "kept": POSITIONS_KEPT - timedelta(days=1)}
    with world.platform():
        for lon, age in enumerate(ages.values()):
            PositionHistory.objects.create(
                party_id=uuid4(), lon=lon, lat=0, at=now - age, received_at=now - age
            )
    with role("jiedao_system"):
        world.timers.sweep()
    with world.platform():
        assert [row.lon for row in PositionHistory.objects.all()] == [1]
