# SPDX-License-Identifier: Apache-2.0
"""The HTTP API: every domain's routes behind their doors, and the one table from errors to HTTP."""

from typing import Any, Literal

import msgspec
import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser

from jiedao import __version__
from jiedao.base import log
from jiedao.base.errors import DiskFull, JiedaoError
from jiedao.base.room import is_full
from jiedao.base.words import LANGUAGES, say
from jiedao.desk.api import router as desk
from jiedao.desk.cameras_api import router as cameras
from jiedao.desk.recordings_api import router as recordings
from jiedao.desk.talk_api import router as talk
from jiedao.desk.wall_api import router as wall
from jiedao.enforcement.api import router as enforcement
from jiedao.field.api import router as field
from jiedao.main.drills import router as drills
from jiedao.main.files import router as files
from jiedao.main.health_api import router as health
from jiedao.main.trail_api import router as trace
from jiedao.town.api import router as town


class Bodies(Parser):
    """Reads JSON into what the database can keep: no lone surrogates, no NaN, no NUL."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = msgspec.json.decode(request.body)
        if _has_nul(body):
            raise ValueError("NUL in a text")
        return body


def _has_nul(value: object) -> bool:
    match value:
        case str():
            return "\0" in value
        case list():
            return any(_has_nul(one) for one in value)
        case dict():
            return any(_has_nul(one) for pair in value.items() for one in pair)
        case _:
            return False


class Problem(Schema):
    """A refusal that the user can act on; the facts depend on its code."""

    code: str
    message: dict[Literal["zh-CN", "en"], str]
    facts: dict[str, str]


class Api(NinjaAPI):
    """The API, whose document also says how every route refuses."""

    def get_openapi_schema(self, *given: Any, **named: Any) -> OpenAPISchema:
        """The document of ninja, with one answer for whatever is not a success."""
        schema = super().get_openapi_schema(*given, **named)
        schema["components"]["schemas"]["Problem"] = Problem.json_schema()
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        refusal = {"description": "A refusal", "content": content}
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"]["default"] = refusal
        return schema


api = Api(
    title="街道 Jiedao",
    version=__version__,
    docs_url=None,
    urls_namespace="jiedao",
    parser=Bodies(),
)
ROUTERS = (
    *(town, desk, wall, field, enforcement, cameras, recordings),
    *(talk, files, trace, drills, health),
)
for router in ROUTERS:
    api.add_router("", router)


@api.exception_handler(JiedaoError)
def refuse(request: HttpRequest, error: JiedaoError) -> HttpResponse:
    """A refusal that the user can act on, in both languages."""
    return _answer(request, error.code, error.http_status, error.facts)


@api.exception_handler(ValidationError)
def unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Input that does not have the shape of the route."""
    first = error.errors[0] if error.errors else {}
    where = ".".join(str(part) for part in first.get("loc", ())[1:]) or "body"
    return _answer(request, "input.bad", 422, {"where": where, "why": first.get("msg", "")})


@api.exception_handler(HttpError)
def unparsable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is no JSON, or holds what no text may hold."""
    return _answer(request, "input.bad", error.status_code, {"where": "body", "why": "JSON, UTF-8"})


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    """The database is away or full for now: nothing was done, the same act may be sent again."""
    if isinstance(error.__cause__, psycopg.errors.DiskFull):
        log.get().error("database full", path=request.path)
        return _answer(request, DiskFull.code, DiskFull.http_status, {})
    log.get().warning("database away", path=request.path, error=str(error).strip()[:120])
    return _answer(request, "database.away", 503, {})


@api.exception_handler(OSError)
def disk_refuses(request: HttpRequest, error: OSError) -> HttpResponse:
    """No room for a file; any other trouble with one is a defect."""
    if not is_full(error):
        return defect(request, error)
    log.get().error("disk full", path=request.path)
    return _answer(request, DiskFull.code, DiskFull.http_status, {})


@api.exception_handler(Exception)
def defect(request: HttpRequest, error: Exception) -> HttpResponse:
    """Anything else is a defect: logged whole, told in one sentence."""
    log.get().exception("defect", path=request.path, kind=type(error).__name__)
    return _answer(request, "error.defect", 500, {})


def _answer(request: HttpRequest, code: str, status: int, facts: dict[str, Any]) -> HttpResponse:
    words = {language: say(code, language, **facts) for language in LANGUAGES}
    body = {"code": code, "message": words, "facts": {k: str(v) for k, v in facts.items()}}
    return api.create_response(request, body, status=status)


def operations() -> list[tuple[str, Operation]]:
    """Every route with its operation."""
    return [
        (f"{'/'.join(operation.methods)} {path}", operation)
        for router in api._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
    ]


def refuse_open_routes() -> None:
    """A route without a policy does not start."""
    for name, operation in operations():
        if not operation.auth_callbacks:
            raise RuntimeError(f"route without a policy: {name}")
