"""What tests of handshakes share."""

import pytest

from geventim.channel.connection import Connection
from geventim.channel.events import Event

PSK = bytes(range(64, 96))


PSKS = pytest.mark.parametrize("psk", [None, PSK], ids=["XX", "XXpsk3"])


def drip(connection: Connection, data: bytes) -> list[Event]:
    return [event for byte in data for event in connection.receive_data(bytes([byte]))]
