# SPDX-License-Identifier: Apache-2.0
"""Serving the built screens. Names with a hash in them never change and are kept by browsers."""

import mimetypes
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.response import HttpResponseBase

from jiedao.base.words import say

ENTRIES = {"": "index.html", "desk": "desk.html", "m": "m.html", "wall": "wall.html"}


def web_root() -> Path:
    """The screens inside the installed package, else those of the source tree."""
    inside = Path(__file__).parent.parent / "web"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "web" / "dist"


def _is_inside(target: Path, root: Path) -> bool:
    """Whether it is a file of ours; names that no file can have are not."""
    try:
        return target.resolve().is_relative_to(root) and target.is_file()
    except (ValueError, OSError):
        return False


def serve(request: HttpRequest, path: str) -> HttpResponseBase:
    """A screen by its first word, or a file of the build."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405)
    root = web_root().resolve()
    first = path.strip("/").split("/")[0]
    target = root / ENTRIES[first] if first in ENTRIES else root / path
    if not _is_inside(target, root):
        return HttpResponseNotFound(say("screen.missing"), content_type="text/plain; charset=utf-8")
    kind = mimetypes.guess_type(target.name)[0] or "application/octet-stream"
    if target.suffix in (".js", ".mjs"):
        kind = "text/javascript"
    response = FileResponse(target.open("rb"), content_type=kind)
    kept = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
    response["Cache-Control"] = kept
    return response
