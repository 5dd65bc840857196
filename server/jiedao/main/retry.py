# SPDX-License-Identifier: Apache-2.0
"""`jiedao retry NAME`: try a process that is down again at once, once its cause is mended."""

import argparse

from jiedao.base.errors import JiedaoError
from jiedao.base.words import LANGUAGES, say
from jiedao.main.status import NotRunning, process_states, supervisor_says
from jiedao.main.supervisor import RETRY
from jiedao.main.up import add_settings, settings_of


class NoSuchProcess(JiedaoError):
    """The platform has no process of this name."""

    code = "retry.no_such"


class NotDown(JiedaoError):
    """The process runs, or is being started."""

    code = "retry.not_down"


def configure(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)
    parser.add_argument("name", help=" · ".join(say("cli.retry.name", one) for one in LANGUAGES))


def run(arguments: argparse.Namespace) -> int:
    data_dir, name = settings_of(arguments).data_dir, str(arguments.name)
    run_dir = data_dir / "run"
    if supervisor_says(run_dir) is None:
        raise NotRunning(folder=str(data_dir))
    states = {each.name: each.state for each in process_states(run_dir)}
    if name not in states:
        raise NoSuchProcess(name=name, names=", ".join(states))
    if states[name] != "down":
        raise NotDown(name=name, state=states[name])
    (run_dir / f"{name}{RETRY}").touch()
    for language in LANGUAGES:
        print(say("retry.asked", language, name=name))
    return 0
