import pytest

from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import HPKECiphertext
from geventim.mls.tree.update_path import UpdatePath, UpdatePathNode
from tests.mls.builder import package

PATH = UpdatePath(
    package("alice").key_package.leaf_node.trust(),
    (UpdatePathNode(b"key", (HPKECiphertext(b"kem", b"text"),)), UpdatePathNode(b"", ())),
)


def test_the_layout() -> None:
    leaf = PATH.leaf_node.encode()
    assert PATH.encode() == leaf + b"\x10\x03key\x09\x03kem\x04text\x00\x00"
    assert UpdatePath.decode(PATH.encode()).encode() == PATH.encode()


def test_trailing_bytes_are_an_error() -> None:
    with pytest.raises(PeerError):
        UpdatePath.decode(PATH.encode() + b"\x00")
