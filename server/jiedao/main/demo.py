# SPDX-License-Identifier: Apache-2.0
"""The demo loader: fills an empty platform with the invented town 青石街道, once.

A step of every demo start, run as the role `system` before the processes start. Everything goes
in within one transaction and leaves records; all rows are marked as demo.
"""

import hashlib
import json
import os
import secrets
import time
from collections.abc import Mapping
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiedao.main.django_settings")

import django

from jiedao.base import log
from jiedao.base.actor import system
from jiedao.base.clock import Clock, SystemClock
from jiedao.base.database import Tx, transact
from jiedao.base.settings import Settings, load_settings

Json = dict[str, Any]
Pack = Mapping[str, Json]
"""The pack files of a town: file name to content, as `jiedao.sim.town` writes them."""

SEED = 2021
ACCOUNTS_FILE = "demo-accounts.json"
KNOWN_PASSWORD = "jiedao-demo"  # noqa: S105 - known on purpose, on loopback alone


def main() -> None:
    settings = load_settings()
    log.configure("demo", settings.log)
    django.setup()
    begun_s = time.monotonic()
    if ensure(settings, SystemClock()):
        took_s = round(time.monotonic() - begun_s, 1)
        log.get().info("demo town loaded", size=settings.town, took_s=took_s)


def ensure(settings: Settings, clock: Clock) -> bool:
    """Load what is missing: the packs and calendar always, the town if there is none yet.

    Returns:
        Whether a town was loaded.
    """
    from jiedao.catalog.store import load_packs, shipped_packs  # noqa: PLC0415
    from jiedao.town.calendar import load_calendar, load_school_terms  # noqa: PLC0415
    from jiedao.town.models import Town  # noqa: PLC0415

    with transact(system("demo"), clock) as tx:
        load_packs(tx, shipped_packs())
        load_calendar(tx, range(2020, tx.now.year + 2))
        load_school_terms(tx, "demo", school_terms())
        is_empty = not Town.objects.exists()
        if is_empty:
            # Inventing the town takes seconds and memory, so the generator is loaded only now.
            from jiedao.sim.town import build  # noqa: PLC0415

            pack = build(SEED, settings.town)
            load(tx, pack, passwords(settings, pack))
            write_map(settings.data_dir, pack)
        elif not settings.is_loopback:
            close_known_passwords(settings)
        if settings.demo_rtsp_port:
            from jiedao.main.demo_rows import place_devices  # noqa: PLC0415

            place_devices(tx, settings, zones_of_scenes())
    return is_empty


def load(tx: Tx, pack: Pack, password_of: Mapping[str, str]) -> None:
    """Write a town's pack files into the tables.

    Args:
        pack: the town; see jiedao/sim/town/README.md for the shapes.
        password_of: the password of each login.
    """
    from jiedao.main import demo_rows  # noqa: PLC0415  # models need the applications loaded

    demo_rows.load(tx, pack, password_of, zones_of_scenes())


def passwords(settings: Settings, pack: Pack) -> dict[str, str]:
    """Each login's password: the known one on this machine alone, a random one on any other bind.

    They are kept in a file that only we may read, for `jiedao up` to print and for the simulated
    people to sign in with.
    """
    known = settings.is_loopback
    accounts = pack["accounts.json"]["accounts"]
    chosen = {a["login"]: a["password"] if known else secrets.token_urlsafe(9) for a in accounts}
    people = {person["id"]: person for person in pack["parties.json"]["people"]}
    rows = [
        {
            "login": a["login"],
            "password": chosen[a["login"]],
            "name": a["name"],
            "post": a["post"],
            "kind": people[a["party"]]["appointments"][0]["role"],
            "party": a["party"],
            **people[a["party"]]["home"],
        }
        for a in accounts
    ]
    file = settings.data_dir / ACCOUNTS_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    _keep_accounts(file, rows)
    return chosen


def _keep_accounts(file: Path, rows: list[Json]) -> None:
    file.touch(mode=0o600, exist_ok=True)
    file.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")


def close_known_passwords(settings: Settings) -> None:
    """Change the known demo passwords of an earlier start before other machines can reach us."""
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415

    from jiedao.town.models import Account  # noqa: PLC0415

    file = settings.data_dir / ACCOUNTS_FILE
    rows = json.loads(file.read_text("utf-8")) if file.exists() else []
    given = {row["login"] for row in rows if row["password"] != KNOWN_PASSWORD}
    for row in rows:
        if row["login"] not in given:
            row["password"] = secrets.token_urlsafe(9)
    known = Account.objects.filter(demo=True).exclude(login__in=given)
    new = {row["login"]: row["password"] for row in rows}
    for account in known:
        account.password = make_password(new.get(account.login) or secrets.token_urlsafe(9))
        account.save(update_fields=["password"])
    if rows:
        _keep_accounts(file, rows)


def write_map(data_dir: Path, pack: Pack) -> None:
    """Put the base map where web serves it from."""
    file = data_dir / "map" / "base.geojson"
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(pack["map/base.geojson"], ensure_ascii=False, separators=(",", ":"))
    draft = file.with_suffix(".new")
    draft.write_text(text, "utf-8")
    draft.replace(file)


def zones_of_scenes() -> dict[str, Json]:
    """What is watched in each drawn scene; scenes without a zone file are only looked at."""
    folder = resources.files("jiedao.sim.packs")
    found = {}
    for entry in folder.iterdir():
        scene = entry.name.removesuffix(".zones.json")
        if scene != entry.name:
            found[scene] = json.loads(entry.read_text("utf-8"))
    return found


def school_terms() -> list[Json]:
    """The terms of the invented town's schools."""
    file = resources.files("jiedao.sim.packs").joinpath("school_terms.json")
    found = json.loads(file.read_text("utf-8"))
    days = ("first_day", "last_day")
    return [
        {**term, "hours": found["hours"], **{day: date.fromisoformat(term[day]) for day in days}}
        for term in found["terms"]
    ]


def digest(content: Json) -> str:
    """The hash under which a record names what was loaded."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    main()
