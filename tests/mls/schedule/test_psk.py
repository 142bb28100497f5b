from dataclasses import replace

import pytest

from geventim.errors import PeerError
from geventim.mls.schedule.key_schedule import NO_SECRET
from geventim.mls.schedule.psk import (
    APPLICATION,
    BRANCH,
    REINIT,
    ExternalPsk,
    PreSharedKeyID,
    ResumptionPsk,
    look_up,
    no_psks,
    psk_id,
    psk_secret,
)
from tests.mls.builder import SUITE, random

EXTERNAL = PreSharedKeyID(ExternalPsk(b"id"), bytes(32))
RESUMPTION = PreSharedKeyID(ResumptionPsk(1, b"group", 7), bytes(32))


def test_the_layouts() -> None:
    assert EXTERNAL.encode().hex() == "0102696420" + "00" * 32
    expected = "02010567726f7570000000000000000720" + "00" * 32
    assert RESUMPTION.encode().hex() == expected
    for value in (EXTERNAL, RESUMPTION):
        assert PreSharedKeyID.decode(value.encode()) == value


def test_no_psk_is_no_secret() -> None:
    assert psk_secret(SUITE, []) == NO_SECRET


def test_order_name_nonce_and_value_count() -> None:
    one, other = (EXTERNAL, b"one"), (RESUMPTION, b"other")
    seen = {
        psk_secret(SUITE, psks)
        for psks in (
            [one],
            [one, other],
            [other, one],
            [one, one],
            [(EXTERNAL, b"two")],
            [(replace(EXTERNAL, psk_nonce=bytes(31) + b"\x01"), b"one")],
        )
    }
    assert len(seen) == 6


def test_every_use_has_a_nonce_of_its_own() -> None:
    one, other = (psk_id(ExternalPsk(b"id"), random) for _ in range(2))
    assert one != other
    one.check()
    assert one.name == other.name


def test_what_links_groups() -> None:
    for usage, links in ((APPLICATION, False), (REINIT, True), (BRANCH, True)):
        assert PreSharedKeyID(ResumptionPsk(usage, b"", 0), b"").links_groups is links
    assert not EXTERNAL.links_groups


def test_usage_and_nonce_are_checked() -> None:
    EXTERNAL.check()
    RESUMPTION.check()
    for usage in (0, 4, 255):
        with pytest.raises(PeerError, match="unknown use"):
            PreSharedKeyID(ResumptionPsk(usage, b"", 0), bytes(32)).check()
    with pytest.raises(PeerError, match="nonce"):
        replace(EXTERNAL, psk_nonce=bytes(16)).check()


def test_what_we_do_not_have_is_an_error() -> None:
    keys = {EXTERNAL.name: b"one"}
    assert look_up(SUITE, [EXTERNAL], keys.get) == psk_secret(SUITE, [(EXTERNAL, b"one")])
    with pytest.raises(PeerError, match="do not have"):
        look_up(SUITE, [EXTERNAL, RESUMPTION], keys.get)
    with pytest.raises(PeerError, match="do not have"):
        look_up(SUITE, [EXTERNAL], no_psks)
    with pytest.raises(PeerError, match="too many"):
        look_up(SUITE, [EXTERNAL] * 65536, keys.get)
