# SPDX-License-Identifier: Apache-2.0
"""One embedded PostgreSQL for a whole test run, started by the first test that asks for it.

The run's first process makes a folder and a pipe; whichever worker needs the database first
starts it, the others find it running, and it ends when the first process does.
"""

import fcntl
import os
import shutil
from pathlib import Path

from jiedao.main.folders import fresh_data_dir
from jiedao.main.postgres import Cluster, end_orphans, prepare_cluster, start
from jiedao.main.roles import Database, embedded, make_roles

_PLACE = "TEST_CLUSTER_OF_JIEDAO"  # Without the prefix: it is no setting of the platform.


class TestRun:
    """The folder in which a test run's PostgreSQL lives."""

    __test__ = False

    def __init__(self) -> None:
        """Call in the first process of the run, before its workers are started."""
        self._folder = fresh_data_dir("jiedao-tests-")
        os.mkfifo(self._folder / "lifeline", 0o600)
        # Opened for both ways, so that it stays open without a reader.
        self._lifeline = os.open(self._folder / "lifeline", os.O_RDWR | os.O_CLOEXEC)
        os.environ[_PLACE] = str(self._folder)

    def close(self) -> None:
        """Stop PostgreSQL, if any test asked for it, and remove its folder."""
        os.environ.pop(_PLACE, None)
        os.close(self._lifeline)
        end_orphans(self._folder / "pgdata", patience_s=5.0)
        shutil.rmtree(self._folder, ignore_errors=True)


def is_running() -> bool:
    """Whether a run was opened in this process or in the one that started it."""
    return _PLACE in os.environ


def cluster_of_this_run() -> tuple[Cluster, Database]:
    """The run's PostgreSQL with its five roles, started if need be."""
    folder = Path(os.environ[_PLACE])
    with (folder / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        cluster = prepare_cluster(folder)
        database = embedded(cluster)
        if not (folder / "started").exists():
            lifeline = os.open(folder / "lifeline", os.O_RDONLY)
            start(cluster, lifeline=lifeline)
            os.close(lifeline)
            make_roles(database)
            (folder / "started").touch()
    return cluster, database
