# SPDX-License-Identifier: Apache-2.0
"""The step behind `jiedao init`: one place, one command centre, one administrator, no more.

Run as the role `system` on up-to-date tables, before any process.
"""

import argparse
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiedao.main.django_settings")

from jiedao.base import log
from jiedao.base.actor import system
from jiedao.base.clock import SystemClock
from jiedao.base.settings import load_settings
from jiedao.base.words import say

if TYPE_CHECKING:
    from jiedao.base.database import Tx

PASSWORD = "FIRST_PASSWORD_OF_JIEDAO"  # noqa: S105 - the name of a variable
ALREADY = 3
"""Exit status when there is a town already."""


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new town is called and where it lies (WGS-84)."""

    name: str
    code: str
    lon: float
    lat: float
    login: str


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("name", "code", "login"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("lon", "lat"):
        parser.add_argument(f"--{name}", required=True, type=float)
    founding = Founding(**vars(parser.parse_args()))
    import django  # noqa: PLC0415 - `jiedao init` takes names from here and needs no Django

    log.configure("init", load_settings().log)
    django.setup()
    from jiedao.base.database import transact  # noqa: PLC0415

    with transact(system("init"), SystemClock()) as tx:
        return 0 if found(tx, founding, os.environ[PASSWORD]) else ALREADY


def found(tx: "Tx", founding: Founding, password: str) -> bool:
    """Make the town unless there is one; its flows and calendar as well."""
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415  # needs the apps

    from jiedao.catalog.store import load_packs, shipped_packs  # noqa: PLC0415
    from jiedao.town.calendar import load_calendar  # noqa: PLC0415
    from jiedao.town.models import Account, Appointment, Party, Place, Town  # noqa: PLC0415
    from jiedao.trace.writing import Fact, record  # noqa: PLC0415

    if Town.objects.exists():
        return False
    load_packs(tx, shipped_packs())
    load_calendar(tx, range(2020, tx.now.year + 2))
    today = datetime.now(UTC).date()
    point = {"lon": founding.lon, "lat": founding.lat}
    path = f"/{founding.code}/"
    Town.objects.create(name=founding.name, code=founding.code, **point)
    place = Place.objects.create(
        code=founding.code, kind="street", name=founding.name, path=path, valid_from=today, **point
    )
    centre = Party.objects.create(
        code="U001",
        kind=Party.UNIT,
        name="综合指挥中心",
        place_path=path,
        valid_from=today,
        **point,
    )
    person = Party.objects.create(
        code="S0001",
        kind=Party.PERSON,
        name=say("init.post"),
        unit=centre,
        place_path=path,
        valid_from=today,
        **point,
    )
    Appointment.objects.create(
        party=person, role="administrator", post=person.name, place_path=path, valid_from=today
    )
    Account.objects.create(login=founding.login, password=make_password(password), party=person)
    record(tx, Fact("town.founded", "place", place.id, payload={"code": founding.code}))
    return True


if __name__ == "__main__":
    raise SystemExit(main())
