# SPDX-License-Identifier: Apache-2.0
"""`jiedao matters rebuild`: fold every matter from its records again, and mend what differs."""

import argparse
import os

from jiedao.base.actor import system
from jiedao.base.clock import SystemClock
from jiedao.base.words import LANGUAGES, say
from jiedao.main.tools import database_of
from jiedao.main.up import add_settings, settings_of


def configure(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    os.environ["JIEDAO_DSN"] = database_of(settings).dsn_for("jiedao_system")
    os.environ["DJANGO_SETTINGS_MODULE"] = "jiedao.main.django_settings"
    import django  # noqa: PLC0415  # needs the address first

    django.setup()
    from jiedao.matters.rebuild import rebuild  # noqa: PLC0415

    done = rebuild(system("rebuild"), SystemClock())
    for language in LANGUAGES:
        print(say("matters.rebuilt", language, matters=done.matters, mended=len(done.mended)))
    return 0
