# SPDX-License-Identifier: Apache-2.0
"""`jiedao init`: an empty town on a data directory, with one administrator who can sign in."""

import argparse
import re
import secrets
import sys

from jiedao.base.errors import BadInput, JiedaoError
from jiedao.base.log import configure as configure_log
from jiedao.base.words import LANGUAGES, say
from jiedao.main import first_town, rows
from jiedao.main.processes import SYSTEM, environment
from jiedao.main.standing import standing_database
from jiedao.main.steps import StepFailed, Stopped, run_step
from jiedao.main.up import add_settings, settings_of, stop_on_signals, without_doors

_CODE = re.compile(r"[0-9A-Za-z]{1,24}")


class TownExists(JiedaoError):
    """The data directory holds a town already."""

    code = "init.exists"


def configure(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)
    parser.add_argument("--name", default=say("init.town"), help=_both("cli.init.name"))
    parser.add_argument("--code", default="1", help=_both("cli.init.code"))
    parser.add_argument("--lon", default=105.0, type=float, help=_both("cli.init.position"))
    parser.add_argument("--lat", default=35.0, type=float, help=_both("cli.init.position"))
    parser.add_argument("--login", default="admin", help=_both("cli.init.login"))


def run(arguments: argparse.Namespace) -> int:
    founding = founding_of(arguments)
    settings = without_doors(settings_of(arguments))
    configure_log("init", settings.log)
    password = secrets.token_urlsafe(12)
    stop = stop_on_signals()
    options = [f"--{name}={getattr(founding, name)}" for name in founding.__slots__]
    try:
        with standing_database(settings, stop) as platform:
            rows.migrate(platform.settings, platform.database, stop)
            given = environment(platform.settings, platform.database, SYSTEM)
            given[first_town.PASSWORD] = password
            command = [sys.executable, "-m", "jiedao.main.first_town", *options]
            run_step("init", command, given, stop)
    except StepFailed as failure:
        if failure.facts.get("status") == first_town.ALREADY:
            raise TownExists(folder=str(settings.data_dir)) from failure
        raise
    except Stopped:
        return 1
    for language in LANGUAGES:
        print(say("init.done", language, login=founding.login, password=password))
    return 0


def founding_of(arguments: argparse.Namespace) -> first_town.Founding:
    """What was asked for.

    Raises:
        BadInput: a code that cannot be part of a path, or a position that is none.
    """
    if not _CODE.fullmatch(arguments.code):
        raise BadInput(where="--code", why="1–24 letters and digits / 1–24 位字母数字")
    if not (-180 <= arguments.lon <= 180 and -90 <= arguments.lat <= 90):
        raise BadInput(where="--lon --lat", why="WGS-84 degrees / WGS-84 经纬度")
    return first_town.Founding(
        arguments.name, arguments.code, arguments.lon, arguments.lat, arguments.login
    )


def _both(code: str) -> str:
    return " · ".join(say(code, language) for language in LANGUAGES)
