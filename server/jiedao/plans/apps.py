# SPDX-License-Identifier: Apache-2.0
"""Plans listen to what happens to matters."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Subscribes once the applications are loaded."""

    name = "jiedao.plans"

    def ready(self) -> None:
        from jiedao.matters import events  # noqa: PLC0415
        from jiedao.plans import actions  # noqa: PLC0415

        events.on_opened.append(actions.begin)
        events.on_repeated.append(actions.speak_again)
        events.on_ended.append(actions.end)
