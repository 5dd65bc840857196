# SPDX-License-Identifier: Apache-2.0
"""Answers as JSON, refusals in one shape with words in both languages, and who may read them."""

from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jiedao.base.errors import JiedaoError, NotFound
from jiedao.base.words import LANGUAGES
from jiedao.stream.access import check_origin
from jiedao.stream.errors import WrongOrigin

log = structlog.get_logger("jiedao.stream")

ASKED = "GET, HEAD, POST, PATCH, OPTIONS"
HEADERS = "content-type, upload-length, upload-type, upload-sha256"


def answer(
    content: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON answer that no cache keeps."""
    return Response(
        msgspec.json.encode(content),
        status,
        {"cache-control": "no-store", "x-content-type-options": "nosniff", **(headers or {})},
        "application/json",
    )


def refusal(error: JiedaoError) -> Response:
    """The one shape of refusals: code, words, facts."""
    headers = {"retry-after": "1"} if error.http_status == 503 else {}
    return answer(error_content(error), error.http_status, headers)


def error_content(error: JiedaoError) -> dict[str, Any]:
    facts = {name: _fact(value) for name, value in error.facts.items()}
    words = {language: error.in_words(language) for language in LANGUAGES}
    return {"code": error.code, "message": words, "facts": facts}


def _fact(value: object) -> object:
    return value if isinstance(value, int | float | str | None) else str(value)


async def on_refusal(_request: Request, error: Exception) -> Response:
    return refusal(error if isinstance(error, JiedaoError) else JiedaoError())


async def on_client_gone(_request: Request, _error: Exception) -> Response:
    """Nobody is there to read it; the sender comes again where it was."""
    return Response(status_code=400)


async def on_unknown_path(request: Request, _error: Exception) -> Response:
    return refusal(NotFound(what=request.url.path[:100]))


async def on_defect(request: Request, error: Exception) -> Response:
    log.error("defect", path=request.url.path, exc_info=error)
    return answer(error_content(JiedaoError()), 500)


class OwnPagesOnly:
    """Refuses pages of other addresses, and lets our own read the answers of this other port."""

    def __init__(self, app: ASGIApp, allowed: frozenset[str]) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get(b"origin")
        try:
            check_origin(origin, headers.get(b"host"), self._allowed)
        except WrongOrigin as error:
            await refuse(scope, receive, send, error)
            return
        if scope["type"] == "http" and origin is not None:
            if scope["method"] == "OPTIONS":
                await _preflight(origin)(scope, receive, send)
                return
            send = _readable_by(origin, send)
        await self._app(scope, receive, send)


async def refuse(scope: Scope, receive: Receive, send: Send, error: JiedaoError) -> None:
    """Answer a request, or a WebSocket that was not yet accepted, with a refusal."""
    response = refusal(error)
    if scope["type"] == "websocket":
        await send(
            {
                "type": "websocket.http.response.start",
                "status": response.status_code,
                "headers": response.raw_headers,
            }
        )
        await send({"type": "websocket.http.response.body", "body": response.body})
    else:
        await response(scope, receive, send)


def _preflight(origin: str) -> Response:
    return Response(
        status_code=204,
        headers={
            "access-control-allow-origin": origin,
            "access-control-allow-methods": ASKED,
            "access-control-allow-headers": HEADERS,
            "access-control-max-age": "600",
            "vary": "origin",
        },
    )


def _readable_by(origin: str, send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["access-control-allow-origin"] = origin
            headers["access-control-expose-headers"] = "upload-offset, upload-length"
            headers.add_vary_header("origin")
        await send(message)

    return send_with_headers
