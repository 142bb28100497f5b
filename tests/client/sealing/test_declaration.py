import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.chat.departures import DELETE, KICK, LEAVE, Departure
from geventim.client.sealing.declaration import Declaration, gate_claim
from geventim.errors import PeerError
from tests.client.members import engine

HISTORY, SIGNATURE = b"h" * 32, b"s" * 64
LEFT = Departure(LEAVE, b"a" * 16, b"k" * 32, b"h" * 32, b"t" * 64)
KICKED = Departure(KICK, b"b" * 16, b"l" * 32, b"h" * 32, b"u" * 64)
WHOLE = Declaration(HISTORY, SIGNATURE, (LEFT, KICKED))


def test_it_is_its_parts_one_behind_the_other() -> None:
    assert Declaration(HISTORY).encode() == b"\x01" + HISTORY + b"\0\0"
    departures = LEFT.encode() + KICKED.encode()
    assert WHOLE.encode() == b"".join(
        [b"\x01", HISTORY, b"\x40\x40", SIGNATURE, b"\x41\x22", departures]
    )
    assert Declaration.read(WHOLE.encode()) == WHOLE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        WHOLE.encode()[:-1],
        WHOLE.encode() + b"\0",
        b"\x02" + WHOLE.encode()[1:],
        Declaration(HISTORY, SIGNATURE[:-1]).encode(),
        Declaration(
            HISTORY, b"", (Departure(DELETE, b"a" * 16, b"k" * 32, b"h" * 32, b"t" * 64),)
        ).encode(),
        b"\x01" + HISTORY + b"\0\x40\0",
    ],
    ids=["empty", "short", "long", "version", "signature", "kind", "not the shortest"],
)
def test_there_is_one_form(data: bytes) -> None:
    with pytest.raises(PeerError):
        Declaration.read(data)


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda rest: b"\x01" + HISTORY + rest))
def test_any_bytes_are_the_encoding_of_what_they_say_or_refused(data: bytes) -> None:
    try:
        read = Declaration.read(data)
    except PeerError:
        return
    assert read.encode() == data


def test_a_gate_signs_history_and_leaf() -> None:
    (package,) = engine("bob").generate_key_packages(1, 0)
    leaf = package.key_package.leaf_node
    assert gate_claim(HISTORY, leaf) == b"geventim gate" + HISTORY + leaf.encode()
