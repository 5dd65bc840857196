# SPDX-License-Identifier: Apache-2.0
"""A process says whether it is ready; a file grown old says nothing any more."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jiedao.base.clock import HandClock
from jiedao.base.health import Heartbeat, health_of, read_health

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_a_process_is_not_ready_until_it_says_so(tmp_path: Path) -> None:
    clock = HandClock(NOON)
    with Heartbeat("pulse", tmp_path, clock=clock) as heart:
        assert health_of(tmp_path / "run", "pulse", NOON).state == "not_ready"
        heart.ready()
        assert health_of(tmp_path / "run", "pulse", NOON).state == "ready"
        heart.not_ready("database.away")
        [health] = read_health(tmp_path / "run", NOON)
        assert (health.name, health.state, health.why) == ("pulse", "not_ready", "database.away")
    assert read_health(tmp_path / "run", NOON) == []


def test_an_old_file_says_nothing(tmp_path: Path) -> None:
    with Heartbeat("voice", tmp_path, clock=HandClock(NOON)) as heart:
        heart.ready()
        later = NOON + timedelta(seconds=6)
        assert health_of(tmp_path / "run", "voice", later).state == "silent"


def test_a_loop_that_hangs_stops_being_ready_although_the_process_lives(tmp_path: Path) -> None:
    clock = HandClock(NOON)
    with Heartbeat("media", tmp_path, patience_s=3, clock=clock) as heart:
        heart.ready()
        clock.forward(timedelta(seconds=4))
        heart.write()
        assert health_of(tmp_path / "run", "media", clock.now()).why == "process.stuck"
        heart.ready()
        heart.write()
        assert health_of(tmp_path / "run", "media", clock.now()).state == "ready"


def test_a_garbled_file_is_silence(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    for text in ("", "{", json.dumps({"pid": "x"}), "[]"):
        (tmp_path / "run" / "web.ready").write_text(text)
        assert health_of(tmp_path / "run", "web", NOON).state == "silent"
