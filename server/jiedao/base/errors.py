# SPDX-License-Identifier: Apache-2.0
"""The one tree of refusals a person can act on. Anything outside it is a defect.

A refusal has a stable code such as ``dispatch.unit_busy``, its facts, and an HTTP status;
the words, Chinese and English, are in ``locale/messages.json`` under that code.
"""

from typing import ClassVar

from jiedao.base.words import say


class JiedaoError(Exception):
    """A refusal with a stable code and the facts that explain it."""

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 409

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.in_words("en"))

    def in_words(self, language: str) -> str:
        """What happened and what to do, for a person."""
        return say(self.code, language, **self.facts)


class BadInput(JiedaoError):
    """What came in cannot be read."""

    code = "input.bad"
    http_status = 422


class NotFound(JiedaoError):
    """No such thing, or none that this person may see."""

    code = "input.not_found"
    http_status = 404


class NotSignedIn(JiedaoError):
    """A door that needs a signed-in person."""

    code = "session.none"
    http_status = 401


class NotAllowed(JiedaoError):
    """The person's appointments do not cover this."""

    code = "session.not_allowed"
    http_status = 403


class DiskFull(JiedaoError):
    """No room left; what was accepted is safe."""

    code = "disk.full"
    http_status = 507


class BadSetting(JiedaoError):
    """A setting that cannot be used; it stops the start and is named."""

    code = "setting.bad"
