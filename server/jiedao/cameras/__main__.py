# SPDX-License-Identifier: Apache-2.0
"""Start the media process: ``python -m jiedao.cameras``."""

import contextlib
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiedao.main.django_settings")

import django

from jiedao.base import log
from jiedao.base.child import run_until_parent_gone
from jiedao.base.clock import SystemClock
from jiedao.base.settings import load_settings


def main() -> None:
    settings = load_settings()
    log.configure("media", settings.log)
    django.setup()
    # Whoever steps over a line is to be seen while everything else is busy too. Only the
    # superuser may ask for this; without it the process works at the usual priority.
    with contextlib.suppress(PermissionError):
        os.nice(-5)
    from jiedao.cameras.media import Media  # noqa: PLC0415  # models need the applications loaded

    run_until_parent_gone(Media(settings, SystemClock()).run)


if __name__ == "__main__":
    main()
