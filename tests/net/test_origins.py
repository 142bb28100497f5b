import pytest

from geventim.chat.values import Nearness
from geventim.net.origins import nearness, network, origin, parse_networks


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
    assert origin(host) == expected
    assert network(host) == expected or not expected


def test_who_comes_by_a_proxy_is_not_known_by_its_address() -> None:
    proxies = parse_networks("198.51.100.7, 10.1.0.0/16,2001:db8:1::/48")
    for host in ("198.51.100.7", "10.1.9.9", "2001:db8:1::5", "::ffff:198.51.100.7"):
        assert origin(host, proxies) == ""
    assert origin("10.2.0.1", proxies) == "10.2.0.1"
    with pytest.raises(ValueError, match="a proxy"):
        parse_networks("a proxy")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", Nearness.LOOPBACK),
        ("::1", Nearness.LOOPBACK),
        ("::ffff:127.0.0.1", Nearness.LOOPBACK),
        ("", Nearness.LOOPBACK),
        ("192.168.1.4", Nearness.PRIVATE),
        ("::ffff:10.0.0.1", Nearness.PRIVATE),
        ("fe80::1%eth0", Nearness.PRIVATE),
        ("fd00::1", Nearness.PRIVATE),
        ("8.8.8.8", Nearness.PUBLIC),
        ("2606:4700::1111", Nearness.PUBLIC),
    ],
)
def test_addresses_are_near_or_far(host: str, expected: Nearness) -> None:
    assert nearness(host) is expected


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "nonsense", False),
    ],
)
def test_what_somebody_chooses_within_their_network_makes_no_difference(
    one: str, other: str, is_same: bool
) -> None:
    assert (network(one) == network(other)) == is_same


def test_what_is_no_address_is_its_own_network() -> None:
    assert network("somewhere") == "somewhere"
