# SPDX-License-Identifier: Apache-2.0
"""Plans and dispatch listen to what happens to matters."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Subscribes once the applications are loaded."""

    name = "jiedao.plans"

    def ready(self) -> None:
        from jiedao.dispatch.actions import offer_to_next  # noqa: PLC0415
        from jiedao.matters import events  # noqa: PLC0415
        from jiedao.plans import actions  # noqa: PLC0415

        events.on_opened.append(actions.begin)
        events.on_ended.append(actions.end)
        events.on_unanswered.append(offer_to_next)
