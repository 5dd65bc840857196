# SPDX-License-Identifier: Apache-2.0
"""Where requests go: the API, the built screens, the two words on health."""

from django.urls import URLPattern, URLResolver, path, re_path

from jiedao.main import health_api, screens
from jiedao.main.api import api, refuse_open_routes

refuse_open_routes()

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("health", health_api.alive),
    path("ready", health_api.ready),
    re_path(r"^(?P<path>.*)$", screens.serve),
]
