# SPDX-License-Identifier: Apache-2.0
"""Refusals of the trail."""

from jiedao.base.errors import JiedaoError


class ActChanged(JiedaoError):
    """The same act id came with other content."""

    code = "trace.act_changed"


class TrailBroken(JiedaoError):
    """The chain does not verify."""

    code = "trace.broken"
