# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a camera, each with a name that the duty screen can say."""

from jiedao.base.errors import JiedaoError, NotAllowed


class CameraAddressRefused(JiedaoError):
    """An address that may not be dialled; nothing was sent."""

    code = "camera.address_refused"
    http_status = 422


class CameraFault(JiedaoError):
    """A camera that gives no usable picture now; the puller tries again by itself."""

    code = "camera.fault"
    http_status = 503


class CameraUnreachable(CameraFault):
    """Nothing answers at the address, or the connection is refused."""

    code = "camera.unreachable"


class CameraRefusedLogin(CameraFault):
    """The camera does not accept the stored login."""

    code = "camera.refused_login"


class CameraHasNoSuchStream(CameraFault):
    """The camera answers but knows no stream at the path."""

    code = "camera.no_such_stream"


class CameraRedirects(CameraFault):
    """The camera sends us elsewhere; we never follow."""

    code = "camera.redirects"


class CameraSilent(CameraFault):
    """The connection stands and no picture comes: silent, half-open or dripping."""

    code = "camera.silent"


class CameraHungUp(CameraFault):
    """The camera ended the stream."""

    code = "camera.hung_up"


class CameraGarbled(CameraFault):
    """What comes cannot be decoded."""

    code = "camera.garbled"


class CameraUnsupported(CameraFault):
    """A codec or a picture size that the platform does not take."""

    code = "camera.unsupported"


class CameraChanged(CameraFault):
    """The picture's format changed in mid-stream; it is opened again at once."""

    code = "camera.changed"


class CameraFrozen(CameraFault):
    """Frames come, and each is the same picture."""

    code = "camera.frozen"


class CameraKillsDecoder(CameraFault):
    """The stream ends its decoder again and again; it is tried alone, and seldom."""

    code = "camera.kills_decoder"


class CameraNotOpenable(NotAllowed):
    """A camera that may not be opened: registered only, or without a stated purpose."""

    code = "camera.not_openable"


class ForeignCamera(NotAllowed):
    """Another authority's camera, without its order: neither recorded nor analysed."""

    code = "camera.foreign"


class PurposeNeeded(NotAllowed):
    """A recording that was not opened for a purpose, or too long ago."""

    code = "recording.purpose_needed"


class LeaseLost(JiedaoError):
    """Another holder watches this camera now; the late event of a dead epoch is refused."""

    code = "camera.lease_lost"
