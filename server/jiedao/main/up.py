# SPDX-License-Identifier: Apache-2.0
"""`jiedao up`: the whole platform in the foreground until Ctrl-C."""

import argparse
import json
import os
import signal
import threading
from pathlib import Path
from types import FrameType

import msgspec

from jiedao.base.log import configure as configure_log
from jiedao.base.log import get
from jiedao.base.settings import PREFIX, Settings, load_settings
from jiedao.base.words import LANGUAGES, say
from jiedao.main.folders import become_service_user, default_data_dir, prepare_data_dir
from jiedao.main.standing import Platform, standing
from jiedao.main.steps import Stopped
from jiedao.main.tls import certificate_paths, is_anywhere, own_names

log = get(__name__)
FIRST_PAGE_WITHIN_S = 60.0


def configure(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)
    parser.add_argument("--demo", action="store_true", default=None, help=_both("cli.up.demo"))
    parser.add_argument("--town", choices=("full", "small"), help=_both("cli.up.town"))
    parser.add_argument("--bind", help=_both("cli.up.bind"))
    parser.add_argument("--web-port", help=_both("cli.up.web_port"))
    parser.add_argument("--stream-port", help=_both("cli.up.stream_port"))


def add_settings(parser: argparse.ArgumentParser) -> None:
    """The two options that every command on a data directory has."""
    parser.add_argument("--data-dir", help=_both("cli.up.data_dir"))
    parser.add_argument("--log", choices=("text", "json"), help=_both("cli.up.log"))


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Settings from the environment, overridden by what the command line says.

    Raises:
        BadSetting: a value that cannot be used; named.
    """
    given = dict(os.environ)
    given.setdefault(PREFIX + "DATA_DIR", str(default_data_dir()))
    for name in Settings.__struct_fields__:
        value = getattr(arguments, name, None)
        if value is not None:
            given[PREFIX + name.upper()] = str(value).lower() if value is True else str(value)
    return load_settings(given)


def without_doors(settings: Settings) -> Settings:
    """The same for work on the rows alone: no fixed ports, no demo."""
    return msgspec.structs.replace(settings, web_port=0, stream_port=0, demo=False)


def run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    configure_log("up", settings.log)
    data_dir = prepare_data_dir(settings.data_dir)
    settings = msgspec.structs.replace(settings, data_dir=data_dir)
    if not become_service_user(data_dir):
        log.warning("only the database runs unprivileged: its user cannot read the program")
    stop = stop_on_signals()
    try:
        with standing(settings, stop) as platform:
            _wait_for_the_first_page(platform, stop)
            if not stop.is_set():
                _say_where(platform)
            stop.wait()
            _print("up.stopping")
    except Stopped:
        _print("up.stopping")
    return 0


def stop_on_signals() -> threading.Event:
    """An event that Ctrl-C, a polite kill and a closed terminal set."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    return stop


def _wait_for_the_first_page(platform: Platform, stop: threading.Event) -> None:
    waited_s = 0.0
    while not stop.wait(0.05) and waited_s < FIRST_PAGE_WITHIN_S:
        waited_s += 0.05
        if not platform.wait_until_ready(0, "web"):
            return
        if any(s.name == "web" and s.state == "down" for s in platform.supervisor.states):
            return


def _say_where(platform: Platform) -> None:
    print(flush=True)
    _print("up.address", url=platform.url)
    secured = certificate_paths(platform.settings)
    if secured is not None:
        for name in own_names(platform.settings.bind):
            if name not in ("localhost", "127.0.0.1") and not is_anywhere(name):
                _print("up.elsewhere", url=f"https://{name}:{platform.settings.web_port}/")
        _print("up.authority", path=secured.authority)
    if platform.settings.demo:
        _print("up.demo" if secured is None else "up.demo_open")
        _say_accounts(platform.settings.data_dir / "demo-accounts.json")
    _print("up.stop_hint")
    print(flush=True)


def _say_accounts(file: Path) -> None:
    """The accounts that can sign in; a town loaded by an older start may have no such file."""
    try:
        accounts = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return
    _print("up.accounts")
    for each in accounts:
        print(f"  {each['login']:<14} {each['password']:<16} {each['name']}  {each['post']}")


def _print(code: str, **facts: object) -> None:
    for language in LANGUAGES:
        print(say(code, language, **facts), flush=True)


def _both(code: str) -> str:
    return " · ".join(say(code, language) for language in LANGUAGES).replace("%", "%%")
