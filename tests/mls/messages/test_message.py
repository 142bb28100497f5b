import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.errors import PeerError
from geventim.mls.messages.framing import PrivateMessage, PublicMessage
from geventim.mls.messages.group_info import UnverifiedGroupInfo
from geventim.mls.messages.key_package import KeyPackage, UnverifiedKeyPackage
from geventim.mls.messages.message import decode_message, encode_message
from geventim.mls.messages.proposals import Add, Remove
from geventim.mls.messages.welcome import Welcome
from tests.mls.builder import commit, create, family, package


def examples() -> list[tuple[bytes, type]]:
    duo = family("alice", "bob")
    welcome = commit([create()], 0, Add(package("bob").key_package)).welcome
    return [
        (duo[0].propose(Remove(1), now=0, public=True), PublicMessage),
        (duo[1].send(b"hello"), PrivateMessage),
        (welcome or b"", Welcome),
        (duo[0].group_info(), UnverifiedGroupInfo),
        (encode_message(package("carol").key_package), UnverifiedKeyPackage),
    ]


EXAMPLES = examples()


def test_every_wire_format_round_trips() -> None:
    for number, (data, kind) in enumerate(EXAMPLES, start=1):
        assert data[:4] == bytes([0, 1, 0, number])
        message = decode_message(data)
        assert type(message) is kind
        assert encode_message(message) == data


def test_another_version_is_refused() -> None:
    for data, _ in EXAMPLES:
        with pytest.raises(PeerError, match="version"):
            decode_message(b"\x00\x02" + data[2:])


def test_a_key_package_has_the_version_of_its_message() -> None:
    data = EXAMPLES[4][0]
    with pytest.raises(PeerError, match="version"):
        decode_message(data[:4] + b"\x00\x02" + data[6:])


def test_another_wire_format_is_malformed() -> None:
    for number in (0, 6, 0x0A0A):
        with pytest.raises(PeerError, match="unknown type"):
            decode_message(b"\x00\x01" + number.to_bytes(2, "big") + EXAMPLES[0][0][4:])


def test_nothing_follows_a_message() -> None:
    for data, _ in EXAMPLES:
        with pytest.raises(PeerError):
            decode_message(data + b"\x00")


def test_nothing_is_trusted_because_it_was_read() -> None:
    assert not isinstance(decode_message(EXAMPLES[4][0]), KeyPackage)


@given(st.sampled_from(range(5)), st.data())
def test_changed_bytes_are_a_message_or_an_error(which: int, data: st.DataObject) -> None:
    raw = bytearray(EXAMPLES[which][0])
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        message = decode_message(bytes(raw))
    except PeerError:
        return
    assert encode_message(message) == raw


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_an_error(data: bytes) -> None:
    for number in range(1, 6):
        try:
            message = decode_message(bytes([0, 1, 0, number]) + data)
        except PeerError:
            continue
        assert encode_message(message)[4:] == data
