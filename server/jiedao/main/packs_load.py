# SPDX-License-Identifier: Apache-2.0
"""`jiedao packs load`: load versions of packs into the town; open matters go on by their own."""

import argparse
import os
from pathlib import Path

from jiedao.base.actor import system
from jiedao.base.clock import SystemClock
from jiedao.base.errors import BadInput
from jiedao.base.words import LANGUAGES, say
from jiedao.catalog.reading import read_pack
from jiedao.main.tools import database_of
from jiedao.main.up import add_settings, settings_of


def configure(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)
    about = " · ".join(say("cli.packs.files", language) for language in LANGUAGES)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help=about)


def run(arguments: argparse.Namespace) -> int:
    for file in arguments.files:
        if not file.is_file():
            raise BadInput(where=str(file), why="no such file / 没有这个文件")
        read_pack(file)
    settings = settings_of(arguments)
    os.environ["JIEDAO_DSN"] = database_of(settings).dsn_for("jiedao_system")
    os.environ["DJANGO_SETTINGS_MODULE"] = "jiedao.main.django_settings"
    import django  # noqa: PLC0415  # needs the address first

    django.setup()
    from jiedao.base.database import transact  # noqa: PLC0415
    from jiedao.catalog.store import load_packs, shipped_packs  # noqa: PLC0415

    with transact(system("packs"), SystemClock()) as tx:
        loaded = load_packs(tx, arguments.files or shipped_packs())
    for language in LANGUAGES:
        print(say("packs.loaded", language, loaded=loaded))
    return 0
