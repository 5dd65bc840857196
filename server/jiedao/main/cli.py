# SPDX-License-Identifier: Apache-2.0
"""The command line `jiedao`. Each command lives with its domain and is loaded only when asked for.

A command is a module with `configure(parser)`, which adds its arguments, and `run(arguments)`,
which does the work and returns the exit status. Its one-line description is the message
`cli.<name>`.
"""

import argparse
import sys
from importlib import import_module
from typing import Final

from jiedao import __version__
from jiedao.base.errors import JiedaoError
from jiedao.base.words import LANGUAGES, say

COMMANDS: Final[dict[str, str]] = {
    "up": "jiedao.main.up",
    "init": "jiedao.main.init",
    "status": "jiedao.main.status",
    "retry": "jiedao.main.retry",
    "migrate": "jiedao.main.migrate",
    "trace verify": "jiedao.main.trace_verify",
    "matters rebuild": "jiedao.main.matters_rebuild",
    "packs load": "jiedao.main.packs_load",
    "drill": "jiedao.main.drill",
    "watch": "jiedao.cameras.watch",
    "bench": "jiedao.main.bench",
}


class UnknownCommand(JiedaoError):
    """No command of this name."""

    code = "cli.unknown"


def main(arguments: list[str] | None = None) -> int:
    """Run a command; a refusal is told in Chinese and English, and gives exit status 1."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        return _run(given)
    except JiedaoError as refusal:
        for language in LANGUAGES:
            print(refusal.in_words(language), file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output has gone, as `| head` does.
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130


def _run(given: list[str]) -> int:
    if not given or given[0] in ("help", "-h", "--help"):
        print(overview())
        return 0
    if given[0] == "--version":
        print(__version__)
        return 0
    name, rest = _name_of(given)
    module = import_module(COMMANDS[name])
    parser = argparse.ArgumentParser(prog=f"jiedao {name}", description=_both(name))
    module.configure(parser)
    status: int = module.run(parser.parse_args(rest))
    return status


def _name_of(given: list[str]) -> tuple[str, list[str]]:
    for words in (2, 1):
        name = " ".join(given[:words])
        if len(given) >= words and name in COMMANDS:
            return name, given[words:]
    raise UnknownCommand(name=" ".join(given[:2]))


def overview() -> str:
    """Every command with what it does."""
    lines = [f"jiedao {__version__}", *(say("cli.about", language) for language in LANGUAGES), ""]
    lines += [f"  jiedao {name:<16} {_both(name)}" for name in COMMANDS]
    return "\n".join(lines)


def _both(name: str) -> str:
    return " · ".join(say(f"cli.{name.replace(' ', '_')}", language) for language in LANGUAGES)


if __name__ == "__main__":
    sys.exit(main())
