# SPDX-License-Identifier: Apache-2.0
"""Refusals of the life cycle."""

from jiedao.base.errors import JiedaoError


class WrongState(JiedaoError):
    """The matter is not in a state from which this can be done."""

    code = "matters.wrong_state"


class GuardRefused(JiedaoError):
    """A guard of the flow says no."""

    code = "matters.guard"


class Missing(JiedaoError):
    """A field that the action needs was not given."""

    code = "matters.missing"
    http_status = 422


class WrongTaskState(JiedaoError):
    """The task has moved on, so this can no longer be done with it."""

    code = "matters.wrong_task_state"


class NotYourTask(JiedaoError):
    """The task was asked of somebody else."""

    code = "matters.not_your_task"
    http_status = 403


class MergeTargetClosed(JiedaoError):
    """The matter to merge into is no longer open."""

    code = "matters.merge_target_closed"


class NotOnTheSpot(JiedaoError):
    """What is done for this item cannot be done on the spot."""

    code = "matters.not_on_the_spot"
    http_status = 422
