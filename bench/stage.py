# SPDX-License-Identifier: Apache-2.0
"""Some of the platform's real processes on a fresh data directory, for the benches."""

import contextlib
import logging
import os
import shutil
import threading
from collections.abc import Iterator

import msgspec

from jiedao.base.log import configure
from jiedao.base.settings import Settings
from jiedao.main.folders import fresh_data_dir
from jiedao.main.processes import specs
from jiedao.main.standing import Platform, prepare_rows, standing_database

READY_S = 60.0


@contextlib.contextmanager
def standing_with(*names: str, demo: bool = False) -> Iterator[Platform]:
    """A database with its tables, and these processes, ready; all gone at the end.

    Args:
        names: of processes, such as "web" and "stream".
        demo: fill the small demo town, without its devices.
    """
    configure("bench")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    data_dir, stop = fresh_data_dir("jiedao-bench-"), threading.Event()
    settings = Settings(
        data_dir=data_dir, web_port=0, stream_port=0, demo=demo, town="small", bind="127.0.0.1"
    )
    try:
        with standing_database(settings, stop) as platform:
            prepare_rows(platform, stop)
            for spec in specs(platform.settings, platform.database):
                if spec.name in names:
                    platform.supervisor.add_process(spec, lambda _name, _line: None)
            platform.supervisor.tell(url=platform.url)
            late = platform.wait_until_ready(READY_S, *names)
            if late:
                raise TimeoutError(f"not ready: {', '.join(sorted(late))}")
            yield platform
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
        shutil.rmtree(settings.checkpoint_dir, ignore_errors=True)


def as_role(platform: Platform, role: str) -> None:
    """Load the server's own actions into this process, under a database role."""
    import django  # noqa: PLC0415  # Reads the settings when it is set up, not before.

    settings = msgspec.structs.replace(platform.settings, dsn=platform.database.dsn_for(role))
    os.environ["JIEDAO_DSN"] = settings.dsn
    os.environ["JIEDAO_DATA_DIR"] = str(settings.data_dir)
    os.environ["DJANGO_SETTINGS_MODULE"] = "jiedao.main.django_settings"
    django.setup()
