# SPDX-License-Identifier: Apache-2.0
"""Drills in a row, each on a fresh platform of its own: do all close, and how fast?

    jiedao bench drills [--drill fence|stall] [--times 10] [--source FILE --zones FILE] [--json]

The alarm's clock starts when the camera sends the picture whose foot point first crosses (its own
account), and stops when an independent client of the feed has the event; the speech's clock runs
from there to the first voiced packet at the loudspeaker (its own account). For a stall the alarm's
clock starts when it has stood in the strip for as long as it may: that long after the picture whose
foot point is first in the strip; the slower of the two stalls counts. Starting and stopping the
platform is left out.
"""

import argparse
import shutil
import statistics
import sys
import threading
from typing import Any

from bench.report import conclude
from jiedao.base.log import configure
from jiedao.main.drill import TIMEOUT_S, Drill, standalone
from jiedao.main.folders import fresh_data_dir

MISSING_S = 999.0


def drill(kind: str, source: str, zones: str) -> dict[str, Any]:
    """One drill on a platform of its own."""
    folder = fresh_data_dir("jiedao-drills-")
    try:
        with standalone(folder, source, zones, stop=threading.Event()) as platform:
            run_dir = platform.settings.data_dir / "run"
            return Drill(platform.settings, run_dir, kind).play(TIMEOUT_S[kind])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(folder.parent / f"{folder.name}-checkpoints", ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="jiedao bench drills", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--drill", choices=list(TIMEOUT_S), default="fence")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--source", default="")
    parser.add_argument("--zones", default="")
    given = parser.parse_args()
    configure("bench")
    results = []
    for number in range(1, given.times + 1):
        result = drill(given.drill, given.source, given.zones)
        results.append(result)
        told = "closed" if result["closed"] else f"waits for {result['waits_for']}"
        print(
            f"{number}: {told}, alarm {result['alarm_latency_s']} s,"
            f" speech {result['speech_latency_s']} s",
            file=sys.stderr,
        )
    alarms = [_known(r["alarm_latency_s"]) for r in results]
    speeches = [_known(r["speech_latency_s"]) for r in results]
    return conclude(
        "drills",
        f"{given.times} standalone drills, {given.drill}, "
        + ("real video" if given.source else "drawn scene"),
        {
            "closed": sum(r["closed"] for r in results),
            "trails_whole": sum(r["trace_ok"] for r in results),
            "alarm_s_median": statistics.median(alarms),
            "alarm_s_max": max(alarms),
            "speech_s_median": statistics.median(speeches),
            "speech_s_max": max(speeches),
        },
        {
            "closed": ("==", given.times),
            "trails_whole": ("==", given.times),
            "alarm_s_median": ("<=", 0.5),
            "alarm_s_max": ("<=", 1.0),
            "speech_s_max": ("<=", 1.0),
        },
        as_json=given.json,
    )


def _known(latency_s: float | None) -> float:
    """A latency that never came counts as missed, not as absent."""
    return MISSING_S if latency_s is None else latency_s


if __name__ == "__main__":
    sys.exit(main())
