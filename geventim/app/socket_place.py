"""Where a client that runs can be reached: a Unix socket in the directory of the user's vault."""

import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

NAME: Final = "client.sock"

LONGEST: Final = 100
"""Bytes of a path that every system takes as an address."""

CREDENTIALS: Final = struct.Struct("3i")
"""Process, user and group of a peer."""


@contextmanager
def address(directory: Path) -> Iterator[str]:
    """The address of the socket in ``directory``, to be used inside, however long the path is.

    Raises :class:`OSError`.
    """
    path = directory / NAME
    if len(os.fsencode(path)) <= LONGEST:
        yield str(path)
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}"
    finally:
        os.close(descriptor)


def peer_user(sock: socket.socket) -> int:
    """The id of the user whose process is at the other end. Raises :class:`OSError`.

    Where a system does not say, only the user themselves could open the socket.
    """
    if sys.platform != "linux":
        return os.geteuid()
    encoded = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    _, user, _ = CREDENTIALS.unpack(encoded)
    return int(user)
