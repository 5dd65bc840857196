# SPDX-License-Identifier: Apache-2.0
"""What the stream process refuses, each with a stable code."""

from jiedao.base.errors import JiedaoError


class TicketRefused(JiedaoError):
    """The ticket is unknown, used, out of date, or for something else."""

    code = "stream.ticket_refused"
    http_status = 403


class WrongOrigin(JiedaoError):
    """A page from another address asks."""

    code = "stream.wrong_origin"
    http_status = 403


class DatabaseAway(JiedaoError):
    """The database does not answer; asking again later is right."""

    code = "database.away"
    http_status = 503


class OffDuty(JiedaoError):
    """Positions are kept of people on duty only."""

    code = "stream.off_duty"
    http_status = 409


class TooManyFixes(JiedaoError):
    """More positions in one batch than are taken."""

    code = "stream.too_many_fixes"
    http_status = 413


class UploadUnknown(JiedaoError):
    """No such upload, or its time is over."""

    code = "upload.unknown"
    http_status = 404


class UploadType(JiedaoError):
    """A kind of file that is not taken, or that is not what it says."""

    code = "upload.type"
    http_status = 415


class UploadTooLarge(JiedaoError):
    """Larger than is taken."""

    code = "upload.too_large"
    http_status = 413


class ChunkTooLarge(JiedaoError):
    """A chunk is larger than the agreed size, or runs past the announced end."""

    code = "upload.chunk_too_large"
    http_status = 413


class WrongOffset(JiedaoError):
    """The chunk does not continue what is here; `offset` says where to go on."""

    code = "upload.wrong_offset"
    http_status = 409


class ChunkTooSlow(JiedaoError):
    """A chunk did not arrive in time; nothing of it is kept."""

    code = "upload.chunk_too_slow"
    http_status = 408


class UploadDamaged(JiedaoError):
    """What arrived is not what was announced."""

    code = "upload.damaged"
    http_status = 422


class TooManyUploads(JiedaoError):
    """The same person has too many unfinished uploads."""

    code = "upload.too_many"
    http_status = 429


class NoLivePicture(JiedaoError):
    """The process that pulls the cameras does not answer."""

    code = "video.media_away"
    http_status = 503


class VoiceAway(JiedaoError):
    """The process that speaks does not answer."""

    code = "voice.away"
    http_status = 503
