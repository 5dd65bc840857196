# SPDX-License-Identifier: Apache-2.0
"""Whether web lives and is ready, and what the supervisor knows of the others."""

import json
from typing import Any, Literal

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from ninja import Router, Schema

from jiedao.base.settings import load_settings
from jiedao.town import door

router = Router(tags=["health"], auth=door.signed_in)


def alive(_request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"process": "web", "state": "alive"})


def ready(_request: HttpRequest) -> JsonResponse:
    """The process can do its work: the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return JsonResponse(
            {"process": "web", "state": "not_ready", "why": "database.away"}, status=503
        )
    return JsonResponse({"process": "web", "state": "ready"})


class ProcessOut(Schema):
    """A process as the supervisor sees it; `exits`: how often it has ended since the start."""

    name: str
    state: Literal["starting", "up", "restarting", "down", "stopped"]
    pid: int
    exits: int
    since: str
    has_heartbeat: bool


@router.get("/processes", response=list[ProcessOut])
def processes(request: HttpRequest) -> list[dict[str, Any]]:
    """Every process as the supervisor sees it."""
    with door.acting(request):
        file = load_settings().data_dir / "run" / "supervisor.json"
    try:
        known: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return []
    found: list[dict[str, Any]] = known.get("processes", [])
    return found
