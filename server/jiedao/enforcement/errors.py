# SPDX-License-Identifier: Apache-2.0
"""Refusals of law enforcement."""

from jiedao.base.errors import JiedaoError


class NoOwnEvidence(JiedaoError):
    """The officer has not reported back with a photo of their own. Facts: number."""

    code = "enforcement.no_own_evidence"


class NotAnOfficer(JiedaoError):
    """The person holds no certificate of law enforcement."""

    code = "enforcement.not_an_officer"
    http_status = 403
