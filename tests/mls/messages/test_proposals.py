import pytest

from geventim.errors import PeerError
from geventim.mls.ground.extensions import Extension
from geventim.mls.messages.proposals import (
    EXTERNAL_TYPES,
    PATHLESS_TYPES,
    PROPOSAL,
    PROPOSAL_OR_REF,
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ProposalRef,
    ReInit,
    Remove,
    Update,
)
from geventim.mls.schedule.psk import ExternalPsk, PreSharedKeyID
from tests.mls.builder import package

PACKAGE = package("alice").key_package
ALL = [
    (1, Add(PACKAGE), PACKAGE.encode()),
    (2, Update(PACKAGE.leaf_node), PACKAGE.leaf_node.encode()),
    (3, Remove(9), bytes([0, 0, 0, 9])),
    (4, PreSharedKey(PreSharedKeyID(ExternalPsk(b"x"), b"")), b"\x01\x01x\x00"),
    (5, ReInit(b"g", 1, 3, ()), b"\x01g\x00\x01\x00\x03\x00"),
    (6, ExternalInit(b"kem"), b"\x03kem"),
    (7, GroupContextExtensions((Extension(1, b""),)), b"\x03\x00\x01\x00"),
]


@pytest.mark.parametrize(("number", "proposal", "encoded"), ALL)
def test_every_type(number: int, proposal: object, encoded: bytes) -> None:
    tagged = number.to_bytes(2, "big") + encoded
    assert PROPOSAL.encode(proposal) == tagged
    assert PROPOSAL.encode(PROPOSAL.decode(tagged)) == tagged
    assert PROPOSAL_OR_REF.encode(proposal) == b"\x01" + tagged


def test_a_reference() -> None:
    assert PROPOSAL_OR_REF.encode(ProposalRef(b"name")) == b"\x02\x04name"
    assert PROPOSAL_OR_REF.decode(b"\x02\x04name") == ProposalRef(b"name")


def test_a_type_that_we_do_not_support_is_refused() -> None:
    for number in (0, 8, 0x0A0A):
        with pytest.raises(PeerError, match="unknown type"):
            PROPOSAL.decode(number.to_bytes(2, "big") + b"\x00")


def test_the_registry() -> None:
    """The columns "Ext" and "Path" of RFC 9420 §17.4."""
    external = {number for number, value, _ in ALL if isinstance(value, EXTERNAL_TYPES)}
    pathless = {number for number, value, _ in ALL if isinstance(value, PATHLESS_TYPES)}
    assert external == {1, 3, 4, 5, 7}
    assert pathless == {1, 4, 5}
