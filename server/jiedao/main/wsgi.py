# SPDX-License-Identifier: Apache-2.0
"""The web process's application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiedao.main.django_settings")
application = get_wsgi_application()
