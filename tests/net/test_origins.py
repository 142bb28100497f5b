import pytest

from geventim.net.origins import network, origin


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
