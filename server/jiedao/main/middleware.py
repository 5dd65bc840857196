# SPDX-License-Identifier: Apache-2.0
"""What every answer carries and no request may exceed."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from jiedao.base.words import LANGUAGES, say

Handler = Callable[[HttpRequest], HttpResponseBase]

BODY_LIMIT_BYTES = 256 * 1024

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(self)",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:;"
        " connect-src 'self' ws: wss: http://127.0.0.1:* http://localhost:* https:;"
        " worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; object-src 'none';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
}


def headers(handler: Handler) -> Handler:
    """Set the headers that keep a browser from doing more than it should."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = handler(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return answer


def body_limit(handler: Handler) -> Handler:
    """Refuse bodies over 256 KB unread; files go to the stream process."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        try:
            length = int(request.headers.get("Content-Length") or 0)
        except ValueError:
            length = BODY_LIMIT_BYTES + 1
        if length > BODY_LIMIT_BYTES or "chunked" in request.headers.get("Transfer-Encoding", ""):
            return _too_large()
        return handler(request)

    return answer


def _too_large() -> HttpResponse:
    code = "input.too_large"
    words = {language: say(code, language) for language in LANGUAGES}
    return JsonResponse({"code": code, "message": words, "facts": {}}, status=413)
