import os
import socket

import pytest

from geventim.app import socket_place


@pytest.mark.parametrize("length", [10, 90, 200])
def test_any_directory_has_an_address(tmp_path, length):
    directory = tmp_path / ("d" * length)
    directory.mkdir()
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as caller:
        with socket_place.address(directory) as address:
            listener.bind(address)
        listener.listen()
        assert (directory / socket_place.NAME).is_socket()
        with socket_place.address(directory) as address:
            caller.connect(address)


def test_the_descriptor_of_a_directory_is_closed(tmp_path):
    directory = tmp_path / ("d" * 200)
    directory.mkdir()
    before = os.listdir("/proc/self/fd")
    with socket_place.address(directory):
        pass
    assert os.listdir("/proc/self/fd") == before


def test_a_directory_that_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError), socket_place.address(tmp_path / ("d" * 200)):
        pass


def test_the_user_at_the_other_end_is_known():
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert socket_place.peer_user(one) == os.geteuid()
