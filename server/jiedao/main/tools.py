# SPDX-License-Identifier: Apache-2.0
"""The rows of a platform that runs already, for tools beside it."""

from jiedao.base.settings import Settings
from jiedao.main import postgres, roles
from jiedao.main.status import NotRunning, supervisor_says


def database_of(settings: Settings) -> roles.Database:
    """Where the rows of the running platform are.

    Raises:
        NotRunning: no platform runs on the data directory.
    """
    if settings.database_url:
        return roles.external(settings.data_dir, settings.database_url)
    if supervisor_says(settings.data_dir / "run") is None:
        raise NotRunning(folder=str(settings.data_dir))
    return roles.embedded(postgres.prepare_cluster(settings.data_dir))
