# SPDX-License-Identifier: Apache-2.0
"""What every answer carries and no request may exceed."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from jiedao.base.words import LANGUAGES, say
from jiedao.town.api import stream_url

Handler = Callable[[HttpRequest], HttpResponseBase]

BODY_LIMIT_BYTES = 256 * 1024

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(self)",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NO_PAGE = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_PAGE = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:;"
    " connect-src 'self' {stream}; worker-src 'self' blob:; style-src 'self' 'unsafe-inline';"
    " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def headers(handler: Handler) -> Handler:
    """Set the headers that keep a browser from doing more than it should."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = handler(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", _policy(request))
        return response

    return answer


def _policy(request: HttpRequest) -> str:
    """What a page may load and whom it may talk to: ourselves, and stream at its own port."""
    if request.path.startswith("/api/"):
        return _NO_PAGE
    try:
        stream = urlsplit(stream_url(request))
    except DisallowedHost:
        return _NO_PAGE
    secure = "s" if stream.scheme == "https" else ""
    return _PAGE.format(stream=f"http{secure}://{stream.netloc} ws{secure}://{stream.netloc}")


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
