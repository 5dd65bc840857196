# SPDX-License-Identifier: Apache-2.0
"""UDP sockets for signalling and sound."""

import socket

RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
"""Asked for; the machine gives what its limit allows."""


def udp_socket(bind: str, port: int) -> socket.socket:
    """A bound socket that does not block; port 0 takes a free one."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        sock.setblocking(False)
        sock.bind((bind, port))
    except OSError:
        sock.close()
        raise
    return sock


def socket_pair(bind: str, tries: int = 50) -> tuple[socket.socket, socket.socket]:
    """An even port and the odd one after it, as RTP and RTCP want them."""
    for _ in range(tries):
        rtp = udp_socket(bind, 0)
        port = rtp.getsockname()[1]
        if port % 2 == 0 and port < 65_535:
            try:
                return rtp, udp_socket(bind, port + 1)
            except OSError:
                pass
        rtp.close()
    raise OSError("no pair of free ports")


def own_address(bind: str, to: tuple[str, int]) -> str:
    """The address by which the loudspeaker can reach us."""
    if bind != "0.0.0.0":  # noqa: S104
        return bind
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(to)  # Sends nothing; only asks for the route.
        host: str = probe.getsockname()[0]
        return host
