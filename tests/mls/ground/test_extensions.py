import pytest

from geventim.errors import PeerError
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.extensions import (
    EXTERNAL_PUB,
    EXTERNAL_SENDERS,
    REQUIRED_CAPABILITIES,
    Extension,
    ExternalPub,
    ExternalSender,
    RequiredCapabilities,
    external_pub,
    external_senders,
    external_senders_extension,
    find_extension,
    required_capabilities,
)
from geventim.mls.messages.proposals import GroupContextExtensions

REQUIRED = RequiredCapabilities((9,), (8,), (1,))
SENDERS = (ExternalSender(b"key", BasicCredential(b"server")),)


def test_an_extension_is_found_by_its_type() -> None:
    extensions = (Extension(1, b"one"), Extension(2, b"two"))
    assert find_extension(extensions, 2) == b"two"
    assert find_extension(extensions, 3) is None


def test_what_is_said_is_understood() -> None:
    extensions = (
        REQUIRED.extension(),
        external_senders_extension(SENDERS),
        ExternalPub(b"public").extension(),
    )
    assert required_capabilities(extensions) == REQUIRED
    assert external_senders(extensions) == SENDERS
    assert external_pub(extensions) == b"public"


def test_nothing_is_said_by_nothing() -> None:
    assert required_capabilities(()) == RequiredCapabilities()
    assert external_senders(()) == ()
    assert external_pub(()) is None


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        (REQUIRED_CAPABILITIES, required_capabilities),
        (EXTERNAL_SENDERS, external_senders),
        (EXTERNAL_PUB, external_pub),
    ],
)
def test_malformed_data_are_an_error(kind: int, read: object) -> None:
    for data in (b"", b"\xff", b"\x01", b"\x00\x00\x00\x00"):
        with pytest.raises(PeerError):
            read((Extension(kind, data),))


def test_a_type_is_there_once_at_most() -> None:
    twice = GroupContextExtensions((Extension(7, b"a"), Extension(7, b"b")))
    with pytest.raises(PeerError, match="one type"):
        GroupContextExtensions.decode(twice.encode())
    once = GroupContextExtensions((Extension(7, b"a"), Extension(8, b"b")))
    assert GroupContextExtensions.decode(once.encode()) == once
