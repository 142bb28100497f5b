from pathlib import Path

import pytest

from geventim.chat import limits
from geventim.chat.values import Access
from geventim.server.settings import Settings, data_directory, default_access, is_loopback


def test_the_data_directory_is_given_or_in_the_environment_or_the_platforms(monkeypatch):
    monkeypatch.setenv("EIM_DATA", "/from/environment")
    assert data_directory("/given") == Path("/given")
    assert data_directory(None) == Path("/from/environment")
    monkeypatch.setenv("EIM_DATA", "")
    monkeypatch.setenv("XDG_DATA_HOME", "/from/platform")
    assert data_directory(None) == Path("/from/platform/geventim")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_who_can_connect_from_this_machine_only_may_register(host):
    assert is_loopback(host)
    assert default_access(host) is Access.OPEN


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "example.org", ""])
def test_who_can_connect_from_elsewhere_needs_an_invite(host):
    assert not is_loopback(host)
    assert default_access(host) is Access.INVITE


def test_a_room_is_bounded_unless_told_otherwise():
    settings = Settings("127.0.0.1", 0, "", Path("data"), Access.OPEN)
    assert settings.room_limit == limits.ROOM_MEMBERS
    assert (settings.access_key_file, settings.trace) == (None, False)
