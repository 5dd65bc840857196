# SPDX-License-Identifier: Apache-2.0
"""Refusals of dispatch."""

from jiedao.base.errors import JiedaoError


class NobodyFree(JiedaoError):
    """Nobody fit is on duty and free."""

    code = "dispatch.nobody_free"


class UnitBusy(JiedaoError):
    """The chosen hand is off duty or works on something else."""

    code = "dispatch.unit_busy"


class AlreadyOnDuty(JiedaoError):
    """Checked in already."""

    code = "dispatch.already_on_duty"


class NotOnDuty(JiedaoError):
    """Not checked in."""

    code = "dispatch.not_on_duty"
