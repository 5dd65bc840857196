# SPDX-License-Identifier: Apache-2.0
"""`jiedao trace verify`: read the whole trail again and say whether it still holds."""

import argparse
import sys
from dataclasses import asdict

import msgspec
import psycopg

from jiedao.base.actor import SYSTEM_ID
from jiedao.base.settings import Settings
from jiedao.base.words import LANGUAGES, say
from jiedao.main.tools import database_of
from jiedao.main.up import add_settings, settings_of
from jiedao.trace.verify import Verdict, verify


def configure(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    verdict = verify_platform(settings_of(arguments))
    if arguments.json:
        sys.stdout.write(msgspec.json.encode({**asdict(verdict), "ok": verdict.ok}).decode() + "\n")
    else:
        for language in LANGUAGES:
            print(in_words(verdict, language))
    return 0 if verdict.ok else 1


def verify_platform(settings: Settings) -> Verdict:
    """Verify the trail of the platform that runs on a data directory."""
    dsn = database_of(settings).dsn_for("jiedao_system")
    with psycopg.connect(dsn) as connection:
        connection.execute("select set_config('jiedao.actor', %s, false)", [str(SYSTEM_ID)])
        connection.execute("select set_config('jiedao.path', '/', false)")
        connection.commit()
        return verify(connection, settings.checkpoint_dir / "heads.jsonl")


def in_words(verdict: Verdict, language: str) -> str:
    """The verdict for a person."""
    facts = asdict(verdict) | {"elapsed_s": f"{verdict.elapsed_s:.2f}"}
    code = "trace.holds" if verdict.ok else "trace.broken"
    if verdict.bad_position is None and verdict.stray:
        facts |= {"position": "-", "why": f"{verdict.stray} stray"}
    return say(code, language, **{**facts, "position": verdict.bad_position or "-"})
