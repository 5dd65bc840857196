# SPDX-License-Identifier: Apache-2.0
"""Refusals of plans and drills."""

from jiedao.base.errors import JiedaoError


class StepNotStoppable(JiedaoError):
    """The step is over already."""

    code = "plans.step_over"


class DrillUnderWay(JiedaoError):
    """One drill at a time. Facts: kind."""

    code = "plans.drill_under_way"


class TooManyDrills(JiedaoError):
    """Everybody has rehearsed enough for now. Facts: wait_s."""

    code = "plans.too_many_drills"
    http_status = 429
