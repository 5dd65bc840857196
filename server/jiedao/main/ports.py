# SPDX-License-Identifier: Apache-2.0
"""Ports: a free one on request, a clear refusal of one that is taken."""

import errno
import socket

from jiedao.base.errors import BadSetting, JiedaoError


class PortTaken(JiedaoError):
    """Another program listens there."""

    code = "up.port_taken"


def claim(
    address: str, port: int, setting: str, kind: socket.SocketKind = socket.SOCK_STREAM
) -> int:
    """The port to listen on: the given one if it is free, a free one for 0.

    Args:
        kind: TCP by default; SOCK_DGRAM for UDP.

    Raises:
        PortTaken: somebody listens there already.
        BadSetting: the machine has no such address.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind == socket.SOCK_STREAM:
            # As the servers do, so that a port lingering after a stop counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            if kind == socket.SOCK_STREAM:
                probe.listen(1)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise PortTaken(port=port, address=address, setting=setting) from error
            raise BadSetting(name="JIEDAO_BIND", why=str(error)) from error
        chosen: int = probe.getsockname()[1]
        return chosen
