# SPDX-License-Identifier: Apache-2.0
"""Refusals at the door."""

from jiedao.base.errors import JiedaoError


class WrongPassword(JiedaoError):
    """Login and password do not belong together."""

    code = "session.wrong_password"
    http_status = 401


class WaitBeforeTrying(JiedaoError):
    """Too many wrong passwords of late from here for this account."""

    code = "session.wait"
    http_status = 429


class ForeignRequest(JiedaoError):
    """A request that changes something came from another site, or without the sign of ours."""

    code = "session.foreign"
    http_status = 403


class WallOnlyShows(JiedaoError):
    """The big screen was asked to change something."""

    code = "session.wall"
    http_status = 403


class NoSuchSeat(JiedaoError):
    """No demo seat of this name."""

    code = "session.no_seat"
    http_status = 404
