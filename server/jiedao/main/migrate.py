# SPDX-License-Identifier: Apache-2.0
"""`jiedao migrate`: bring the tables of a stopped platform up to date."""

import argparse

from jiedao.base.log import configure as configure_log
from jiedao.main.standing import prepare_rows, standing_database
from jiedao.main.steps import Stopped
from jiedao.main.up import add_settings, settings_of, stop_on_signals, without_doors


def configure(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    settings = without_doors(settings_of(arguments))
    configure_log("migrate", settings.log)
    stop = stop_on_signals()
    try:
        with standing_database(settings, stop) as platform:
            prepare_rows(platform, stop)
    except Stopped:
        return 1
    return 0
