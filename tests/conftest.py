# SPDX-License-Identifier: Apache-2.0
"""What every test may use: one real PostgreSQL for the whole run."""

import pytest

from jiedao.main.postgres import Cluster
from jiedao.main.roles import Database
from tests import cluster as running

_RUN = pytest.StashKey[running.TestRun]()


def pytest_configure(config: pytest.Config) -> None:
    # Only the first process of a run opens it; xdist's workers inherit its address.
    if not running.is_running():
        config.stash[_RUN] = running.TestRun()


def pytest_unconfigure(config: pytest.Config) -> None:
    run = config.stash.get(_RUN, None)
    if run is not None:
        run.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # So that `make quick` can leave them out.
    for item in items:
        if "postgres" in getattr(item, "fixturenames", ()):
            item.add_marker("database")


@pytest.fixture(scope="session")
def postgres() -> tuple[Cluster, Database]:
    """The run's PostgreSQL and the addresses of its roles."""
    return running.cluster_of_this_run()
