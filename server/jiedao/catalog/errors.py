# SPDX-License-Identifier: Apache-2.0
"""Refusals of the catalogue."""

from jiedao.base.errors import JiedaoError


class BadPack(JiedaoError):
    """A pack file that cannot be used; names the file, the line and what was expected."""

    code = "catalog.bad_pack"
    http_status = 422


class UnknownItem(JiedaoError):
    """No item of this code is in force."""

    code = "catalog.unknown_item"
    http_status = 422
