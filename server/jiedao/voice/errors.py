# SPDX-License-Identifier: Apache-2.0
"""Refusals of the voice domain."""

from jiedao.base.errors import JiedaoError


class NoLoudspeaker(JiedaoError):
    """There is none near enough that is in use."""

    code = "voice.no_loudspeaker"


class LoudspeakerOff(JiedaoError):
    """The loudspeaker has been taken out of use."""

    code = "voice.loudspeaker_off"


class QuietHours(JiedaoError):
    """The loudspeaker rests at this hour."""

    code = "voice.quiet_hours"


class RepeatedTooOften(JiedaoError):
    """The same words were spoken there often enough of late."""

    code = "voice.repeated"


class BadText(JiedaoError):
    """Nothing to say, or too much."""

    code = "voice.bad_text"
    http_status = 422


class AnnouncementOver(JiedaoError):
    """It has ended already."""

    code = "voice.over"


class ClaimLost(JiedaoError):
    """Another voice process has taken the announcement over."""

    code = "voice.claim_lost"


class SpeechUnavailable(JiedaoError):
    """No engine is installed and no kept clip has these words."""

    code = "voice.no_speech"


class BrokenVoice(JiedaoError):
    """The engine would read the words wrongly."""

    code = "voice.broken_voice"


class TooLoud(JiedaoError):
    """Louder than words may be on which no lives depend."""

    code = "voice.too_loud"
    http_status = 422


class ConfirmWide(JiedaoError):
    """So many loudspeakers are asked for twice, with their number."""

    code = "voice.confirm_wide"


class TalkTaken(JiedaoError):
    """Somebody speaks through this loudspeaker now."""

    code = "voice.talk_taken"


class TalkTakenUnseen(JiedaoError):
    """Somebody whom this person may not see speaks through this loudspeaker now."""

    code = "voice.talk_taken_unseen"


class TalkUnknown(JiedaoError):
    """No such talk waits to be spoken; it has begun already, or came to nothing."""

    code = "voice.talk_unknown"
    http_status = 404
