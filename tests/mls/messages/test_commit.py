import pytest

from geventim.errors import PeerError
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.proposals import ProposalRef, Remove
from geventim.mls.tree.update_path import UpdatePath
from tests.mls.builder import package


def test_the_layout() -> None:
    commit = Commit((Remove(2), ProposalRef(b"r")), None)
    assert commit.encode().hex() == "0a0100030000000202017200"
    assert Commit.decode(commit.encode()) == commit


def test_with_a_path() -> None:
    commit = Commit((), UpdatePath(package("alice").key_package.leaf_node.trust(), ()))
    assert commit.encode()[:2] == b"\x00\x01"
    assert Commit.decode(commit.encode()).encode() == commit.encode()


def test_an_unknown_kind_of_entry_is_malformed() -> None:
    with pytest.raises(PeerError, match="unknown type"):
        Commit.decode(bytes.fromhex("02030000"))
