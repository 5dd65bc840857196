# SPDX-License-Identifier: Apache-2.0
"""Handing out kept files: pictures, clips and sound of matters that the asker may see; the map."""

import os
from uuid import UUID

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from jiedao.base.blobs import BlobStore
from jiedao.base.errors import NotFound
from jiedao.base.settings import load_settings
from jiedao.desk import devices
from jiedao.main.ranges import asked_span, pieces_of
from jiedao.matters import store as matters
from jiedao.signals.models import Upload
from jiedao.town import door
from jiedao.trace import store as trace

router = Router(tags=["files"], auth=door.signed_in)


@router.get("/blobs/{sha256}")
def blob(request: HttpRequest, sha256: str, matter: UUID) -> HttpResponseBase:
    """A file of a matter, or the part that a player asks for. The matter decides who may see it.

    Raises:
        NotFound: the file does not belong to the matter, or the matter may not be seen.
        RangeOutside: the part lies past the end of the file.
    """
    with door.acting(request):
        kinds = _files_of(matter)
    if sha256 not in kinds:
        raise NotFound(what="file / 文件")
    response = _whole_or_part(request, sha256, kinds[sha256])
    # The name says the content, so that neither ever changes.
    response["ETag"] = f'"{sha256}"'
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Accept-Ranges"] = "bytes"
    return response


def _whole_or_part(request: HttpRequest, sha256: str, kind: str) -> HttpResponseBase:
    file = BlobStore(load_settings().blob_dir).open(sha256)
    size = os.fstat(file.fileno()).st_size
    # Parts of what the asker holds of another file would not fit together.
    same = request.headers.get("If-Range", f'"{sha256}"') == f'"{sha256}"'
    span = asked_span(request.headers.get("Range", ""), size) if same else None
    if span is None:
        return FileResponse(file, content_type=kind)
    response = StreamingHttpResponse(pieces_of(file, span), status=206, content_type=kind)
    response["Content-Length"] = str(span.length)
    response["Content-Range"] = f"bytes {span.first}-{span.last}/{size}"
    return response


@router.get("/map/base.geojson")
def base_map(request: HttpRequest) -> HttpResponseBase:
    """The town's own map."""
    with door.acting(request):
        file = load_settings().data_dir / "map" / "base.geojson"
    if not file.is_file():
        raise NotFound(what="map / 地图")
    response = FileResponse(file.open("rb"), content_type="application/geo+json")
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _files_of(matter_id: UUID) -> dict[str, str]:
    """The files of a matter, of those merged into it, and the clip of the one that it comes of.

    Each with its media type.
    """
    kinds: dict[str, str] = {}
    named: list[str] = []
    asked = matters.read(matter_id)
    for matter in (asked, *matters.merged_into(matter_id)):
        if matter.still:
            kinds[matter.still] = "image/jpeg"
        if matter.clip:
            kinds[matter.clip] = "video/mp4"
        kinds |= {heard: "audio/wav" for heard, _at in devices.heard_of(matter.id)}
        named += [sha for task in matter.tasks for sha in task.blobs]
        named += trace.blobs_of(matter.id)
    if asked.parent is not None and (clip := matters.read(asked.parent).clip):
        kinds[clip] = "video/mp4"
    uploads = Upload.objects.filter(sha256__in=named).values_list("sha256", "media_type")
    return kinds | dict(uploads)
