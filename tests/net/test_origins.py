from unittest.mock import Mock

import pytest

from geventim.net.origins import group, origin


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", ""),
        ("127.1.2.3", ""),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("", ""),
    ],
)
def test_a_household_is_one_origin_and_this_machine_is_none(host: str, expected: str) -> None:
    assert group(host) == expected


def test_a_connection_comes_from_its_peer() -> None:
    assert origin(Mock(getpeername=lambda: ("192.0.2.7", 1234))) == "192.0.2.7"


def test_a_peer_that_is_gone_comes_from_nowhere() -> None:
    def gone() -> None:
        raise OSError("not connected")

    assert origin(Mock(getpeername=gone)) == ""
