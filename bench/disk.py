# SPDX-License-Identifier: Apache-2.0
"""The disk runs full under a whole platform, and is given room again. Needs root, to mount a disk.

    jiedao bench disk [--json]

A platform stands on a disk of its own, checkpoints included; a client notes something all the
while. Then every byte is taken but what the reserve gives back. What must hold: whoever is refused
is told so, the platform's own start is never needed again, and once there is room notes are taken
in again and the trail is whole. Nothing that was acknowledged may be lost or stand twice.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.ledger import Writer, check
from bench.report import conclude
from jiedao.base.log import configure
from jiedao.main.drill import NEEDED, standalone
from jiedao.main.folders import fresh_data_dir
from jiedao.main.standing import Platform
from jiedao.trace.verify import verify

DISK_MB = 700
FULL_S = 25.0
BACK_S = 90.0
READY_S = 90.0
WAITS_S = 0.2


@contextlib.contextmanager
def disk_of_its_own(size_mb: int) -> Iterator[Path]:
    """A folder for a data directory and its checkpoints, on a disk in memory."""
    folder = fresh_data_dir("jiedao-disk-")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=0755", "jiedao", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield folder / "town"
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        shutil.rmtree(folder, ignore_errors=True)


def fill(folder: Path) -> Path:
    """Take every byte that there is."""
    hog = folder / "hog"
    with contextlib.suppress(OSError), hog.open("ab", buffering=0) as file:
        while file.write(bytes(65536)):
            pass
    return hog


def wait_for_more(writer: Writer, count: int, within_s: float) -> float:
    """Seconds until so many notes were acknowledged in all; infinite if they never were."""
    began_s = time.monotonic()
    while len(writer.ledger.acknowledged) < count:
        if time.monotonic() - began_s > within_s:
            return float("inf")
        time.sleep(WAITS_S)
    return time.monotonic() - began_s


def rehearse(platform: Platform, writer: Writer) -> dict[str, float]:
    """Full, and room again; what came of it."""
    data_dir = platform.settings.data_dir
    wait_for_more(writer, 20, BACK_S)
    before = len(writer.ledger.acknowledged)
    end_s = time.monotonic() + FULL_S
    while time.monotonic() < end_s:  # what is given back is taken again
        fill(data_dir.parent)
        time.sleep(WAITS_S)
    while_full = len(writer.ledger.acknowledged) - before
    reserve_used = not (data_dir / "reserve").exists()
    (data_dir.parent / "hog").unlink()
    back_s = wait_for_more(writer, before + while_full + 20, BACK_S)
    return {
        "notes_before": before,
        "notes_while_full": while_full,
        "reserve_given_up": float(reserve_used),
        "notes_again_after_s": round(back_s, 1),
    }


def trail_is_whole(platform: Platform) -> bool:
    """Whether every record is in its place, and the checkpoints agree."""
    with psycopg.connect(platform.database.dsn_for("jiedao_system")) as connection:
        connection.execute("select set_config('jiedao.actor', 'bench', false)")
        connection.execute("select set_config('jiedao.path', '/', false)")
        connection.commit()
        return verify(connection, platform.settings.checkpoint_dir / "heads.jsonl").ok


def main() -> int:
    parser = argparse.ArgumentParser(prog="jiedao bench disk", description=__doc__)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    configure("bench")
    if os.geteuid() != 0:
        print("只有 root 能挂载磁盘 · Only root can mount a disk", file=sys.stderr)
        return 1
    with (
        disk_of_its_own(DISK_MB) as folder,
        standalone(folder, stop=threading.Event()) as platform,
    ):
        writer = Writer(platform.url)
        figures = rehearse(platform, writer)
        ledger = writer.stop()
        lost, doubled = check(platform, writer.matter, ledger)
        exits = {state.name: state.exits for state in platform.supervisor.states}
        # A device whose rest had begun is tried again within a minute.
        missing = platform.wait_until_ready(READY_S, *NEEDED)
        print("not ready:", ", ".join(sorted(missing)) or "nobody", file=sys.stderr)
        whole = trail_is_whole(platform)
    figures |= {"acknowledged": len(ledger.acknowledged), "lost": lost, "doubled": doubled}
    figures |= {"trail_whole": float(whole), "not_ready": len(missing)}
    figures |= {f"ends_of_{name}": float(n) for name, n in exits.items() if n}
    figures |= {f"answers_{code}": float(n) for code, n in writer.ledger.refusals.items()}
    return conclude(
        "disk",
        f"a disk of {DISK_MB} MB, full for {FULL_S:.0f} s; notes every 50 ms; small demo town",
        figures,
        {
            "lost": ("==", 0),
            "doubled": ("==", 0),
            "trail_whole": ("==", 1),
            "not_ready": ("==", 0),
            "notes_again_after_s": ("<=", 60),
        },
        as_json=given.json,
    )


if __name__ == "__main__":
    sys.exit(main())
