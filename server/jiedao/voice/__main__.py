# SPDX-License-Identifier: Apache-2.0
"""`python -m jiedao.voice`: the process that speaks."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiedao.main.django_settings")

import django

from jiedao.base import log
from jiedao.base.child import run_async_until_parent_gone
from jiedao.base.settings import load_settings


def main() -> None:
    settings = load_settings()
    log.configure("voice", settings.log)
    django.setup()
    from jiedao.voice.process import live  # noqa: PLC0415  # models need the applications loaded

    run_async_until_parent_gone(lambda stop: live(settings, stop))


if __name__ == "__main__":
    main()
