"""F15: a server that ends, however it ends, can be started again at once."""

import socket

import pytest


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_the_same_port_can_be_used_at_once(start_server, end):
    server = start_server()
    address = server.address
    with socket.create_connection((server.host, server.port)) as peer:
        peer.sendall(b"\xe1EIM\r\n\x01\x01")  # a connection that the server has to end itself
        getattr(server, end)()
        server.restart()
    assert server.address == address
    socket.create_connection((server.host, server.port)).close()
    assert server.stop() == 0
