# SPDX-License-Identifier: Apache-2.0
"""Refusals of plans."""

from jiedao.base.errors import JiedaoError


class StepNotStoppable(JiedaoError):
    """The step is over already."""

    code = "plans.step_over"
