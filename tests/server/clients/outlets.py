"""What a test sees of the server end of a connection."""

import fcntl
import struct
import termios

import gevent

from geventim.chat import limits
from geventim.chat.codec import encode
from geventim.chat.replies import Announcement

LONG = encode(Announcement(text="x" * limits.TEXT_SIZE))


def outlet(house, nick):
    (found,) = (s.outlet for s in house.service.connected if s.account.nick == nick)
    return found


def fill(client):
    """Say so much to who does not read that the client is congested."""
    while not client.congested:
        client.send(LONG)
        gevent.sleep(0)


def unread(client):
    """Bytes that have come from a client and were not taken from the system."""
    told = fcntl.ioctl(client.connection._socket, termios.FIONREAD, bytes(4))
    return struct.unpack("i", told)[0]
