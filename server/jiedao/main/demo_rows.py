# SPDX-License-Identifier: Apache-2.0
"""A town's pack files as rows, in bulk: 17,000 rows in about a second.

The rows travel as one JSON text a table, which PostgreSQL itself takes apart. COPY would not do:
it refuses tables with row security.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import Model
from psycopg import sql

from jiedao.base.database import Tx
from jiedao.base.settings import Settings
from jiedao.cameras.address import RTSP_PORT, check_address
from jiedao.cameras.models import Camera
from jiedao.main.crews import relieve
from jiedao.main.demo import Json, Pack, digest
from jiedao.town.models import Account, Appointment, Party, Place, Town
from jiedao.trace.writing import Fact, record
from jiedao.vision import ZonePlan
from jiedao.voice.models import Loudspeaker

SINCE = date(2020, 5, 1)
BRIDGE_CAMERA, BRIDGE_SCENE = "DM001", "bridge"
CAMERA_KINDS = {"high": Camera.HIGH, "ground": Camera.GROUND, "police": Camera.POLICE}
PLACE_COLUMNS = {
    "id": "uuid",
    "code": "text",
    "kind": "text",
    "name": "text",
    "parent_id": "uuid",
    "path": "text",
    "lon": "float8",
    "lat": "float8",
    "geometry": "jsonb",
    "source_crs": "text",
    "attributes": "jsonb",
    "valid_from": "date",
    "demo": "bool",
}
PARTY_COLUMNS = {
    "id": "uuid",
    "code": "text",
    "kind": "text",
    "name": "text",
    "unit_id": "uuid",
    "place_path": "text",
    "lon": "float8",
    "lat": "float8",
    "valid_from": "date",
    "demo": "bool",
}
CAMERA_COLUMNS = {
    "id": "uuid",
    "code": "text",
    "name": "text",
    "kind": "text",
    "place_id": "uuid",
    "place_path": "text",
    "lon": "float8",
    "lat": "float8",
    "height_m": "float8",
    "purpose": "text",
    "sign": "text",
    "path": "text",
    "armed": "bool",
    "zones": "jsonb",
    "registered_only": "bool",
    "masks": "jsonb",
    "host": "text",
    "port": "int",
    "login": "text",
    "password_sealed": "text",
    "detector": "text",
    "demo": "bool",
    "changed_at": "timestamptz",
}


def load(tx: Tx, pack: Pack, password_of: Mapping[str, str], zones: Mapping[str, Json]) -> None:
    """Write all of a town; one record says what came in, with the hash of each file."""
    counts = {
        "places": _places(pack),
        "parties": _parties(pack),
        "appointments": _appointments(pack),
        "accounts": _accounts(pack, password_of),
        "cameras": _cameras(tx, pack, zones),
        "loudspeakers": _loudspeakers(pack),
        "shifts": relieve(tx)[0],
    }
    town = pack["town.json"]
    facts = {
        name: town[name]
        for name in ("area_km2", "population", "size", "seed", "notice", "code_note")
    }
    Town.objects.create(
        name=town["name"],
        code=town["code"],
        lon=town["lon"],
        lat=town["lat"],
        demo=True,
        facts=facts,
    )
    hashes = {name: digest(content) for name, content in pack.items()}
    payload = {"counts": counts, "sha256": hashes, "size": town["size"], "seed": town["seed"]}
    street = UUID(pack["places.json"]["places"][0]["id"])
    record(tx, Fact("town.loaded", "place", street, payload=payload))


def _places(pack: Pack) -> int:
    rows = [{**row, "parent_id": row["parent"]} for row in pack["places.json"]["places"]]
    constants = {
        "source_crs": "WGS84",
        "attributes": {},
        "valid_from": SINCE.isoformat(),
        "demo": True,
    }
    return pour(Place, PLACE_COLUMNS, rows, constants)


def _parties(pack: Pack) -> int:
    parties, places = pack["parties.json"], _places_by_id(pack)
    rows = [
        {**unit, "unit_id": unit["parent"], "place_path": unit["area"]} for unit in parties["units"]
    ]
    rows += [
        {
            **person,
            "unit_id": person["parent"],
            "place_path": person["appointments"][0]["area"],
            **person["home"],
        }
        for person in parties["people"]
    ]
    rows += [
        {
            **firm,
            "place_path": places[firm["place"]]["path"],
            "lon": places[firm["place"]]["lon"],
            "lat": places[firm["place"]]["lat"],
        }
        for firm in parties["enterprises"]
    ]
    return pour(Party, PARTY_COLUMNS, rows, {"valid_from": SINCE.isoformat(), "demo": True})


def _appointments(pack: Pack) -> int:
    rows = [
        Appointment(
            party_id=person["id"],
            role=post["role"],
            post=post["post"],
            place_path=post["area"],
            certificates=post["certificates"],
            valid_from=date.fromisoformat(post["from"]),
            valid_to=date.fromisoformat(post["until"]) if post["until"] else None,
        )
        for person in pack["parties.json"]["people"]
        for post in person["appointments"]
    ]
    return len(Appointment.objects.bulk_create(rows))


def _accounts(pack: Pack, password_of: Mapping[str, str]) -> int:
    # Hashing is made slow on purpose, so a password that all share is hashed once.
    hashed = {password: make_password(password) for password in set(password_of.values())}
    rows = [
        Account(
            id=row["id"],
            login=row["login"],
            password=hashed[password_of[row["login"]]],
            party_id=row["party"],
            seat=row["seat"],
            demo=True,
        )
        for row in pack["accounts.json"]["accounts"]
    ]
    return len(Account.objects.bulk_create(rows))


def _cameras(tx: Tx, pack: Pack, zones: Mapping[str, Json]) -> int:
    places = _places_by_id(pack)
    rows = []
    for row in pack["devices.json"]["cameras"]:
        stream = row["stream"] or {}
        watched = zones.get(stream.get("scene", ""), {})
        rows.append(
            {
                **row,
                "kind": CAMERA_KINDS[row["class"]],
                "place_id": row["watches"],
                "place_path": places[row["watches"]]["path"],
                "sign": row["sign"] or "",
                "path": stream.get("path", "/"),
                "armed": is_armed(watched),
                "zones": watched,
                "registered_only": row["owner"] == "police",
            }
        )
    constants = {
        "masks": [],
        "host": "",
        "port": 554,
        "login": "",
        "password_sealed": "",
        "detector": "motion",
        "demo": True,
        "changed_at": tx.now.isoformat(),
    }
    return pour(Camera, CAMERA_COLUMNS, rows, constants)


def is_armed(zones: Json) -> bool:
    """Whether a scene has lines or stays to look for; others are only looked at."""
    return bool(zones.get("lines")) or any(zone.get("rules") for zone in zones.get("zones", ()))


def _loudspeakers(pack: Pack) -> int:
    rows = [
        Loudspeaker(
            id=row["id"],
            code=row["code"],
            name=row["name"],
            place_id=row["site"],
            place_path=row["path"],
            lon=row["lon"],
            lat=row["lat"],
            sip_account=row["sip"]["account"],
            volume=row["volume"],
            demo=True,
        )
        for row in pack["devices.json"]["loudspeakers"]
    ]
    return len(Loudspeaker.objects.bulk_create(rows))


def place_devices(tx: Tx, settings: Settings, zones: Mapping[str, Json]) -> None:
    """Tell where the simulated devices are found on this machine, which may differ every start.

    With `demo_source` a film or another camera stands in for the scene under the bridge, watched
    by the zones of `demo_zones`.
    """
    here, speaker_port = "127.0.0.1", settings.demo_speaker_port
    cameras = Camera.objects.filter(demo=True, registered_only=False).exclude(path="/")
    addresses = {camera.code: (here, settings.demo_rtsp_port, camera.path) for camera in cameras}
    if settings.demo_source.startswith("rtsp://"):
        addresses[BRIDGE_CAMERA] = _address_of(settings)
    else:
        addresses[BRIDGE_CAMERA] = (here, settings.demo_rtsp_port, f"/{BRIDGE_SCENE}")
    moved = 0
    for camera in cameras:
        placed = addresses[camera.code]
        watched = camera.zones
        if camera.code == BRIDGE_CAMERA:
            watched = _bridge_zones(settings, zones)
        if (camera.host, camera.port, camera.path) != placed or camera.zones != watched:
            camera.host, camera.port, camera.path = placed
            camera.zones = watched
            camera.save(update_fields=["host", "port", "path", "zones", "changed_at"])
            moved += 1
    horns = Loudspeaker.objects.filter(demo=True)
    moved += horns.exclude(sip_host=here, sip_port=speaker_port).update(
        sip_host=here, sip_port=speaker_port
    )
    if moved:
        facts = {"devices": moved}
        record(tx, Fact("devices.placed", "town", tx.actor.id, payload=facts))


def _address_of(settings: Settings) -> tuple[str, int, str]:
    """Where the other camera is found.

    Raises:
        CameraAddressRefused: it may not be dialled.
    """
    parts = urlsplit(settings.demo_source)
    given = check_address(
        parts.hostname or "",
        parts.port or RTSP_PORT,
        parts.path or "/",
        settings.camera_networks(),
    )
    return str(given.host), given.port, given.path


def _bridge_zones(settings: Settings, zones: Mapping[str, Json]) -> Json:
    """What is watched under the bridge.

    Raises:
        BadInput: the zone file cannot be used; it says where and why.
    """
    if not settings.demo_zones:
        return zones[BRIDGE_SCENE]
    file = Path(settings.demo_zones)
    ZonePlan.parse(file)
    return dict(json.loads(file.read_text("utf-8-sig")))


def _places_by_id(pack: Pack) -> dict[str, Json]:
    return {row["id"]: row for row in pack["places.json"]["places"]}


def pour(
    model: type[Model],
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
    same: Mapping[str, object],
) -> int:
    """Insert rows in one statement; returns how many.

    Args:
        columns: column name to its PostgreSQL type; a row's missing keys are null.
        same: values that every row has.
    """
    names = sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    typed = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in columns.items()
    )
    statement = sql.SQL(
        "insert into {table} ({names}) select {names} from jsonb_to_recordset(%s) as r({typed})"
    ).format(table=sql.Identifier(model._meta.db_table), names=names, typed=typed)
    full = [{name: row.get(name, same.get(name)) for name in columns} for row in rows]
    with connection.cursor() as cursor:
        text = statement.as_string(connection.connection)
        cursor.execute(text, [json.dumps(full, ensure_ascii=False)])
    return len(full)
