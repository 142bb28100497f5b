"""Key packages: what a client publishes so that others can add it (RFC 9420 §10)."""

from dataclasses import dataclass, field

from geventim.crypto.dh import PrivateKey
from geventim.errors import PeerError
from geventim.mls.ground.capabilities import Lifetime
from geventim.mls.ground.cipher_suite import MLS_10, CipherSuite, Random, suite_of
from geventim.mls.ground.extensions import Extension, Extensions
from geventim.mls.ground.leaf_node import Client, FromKeyPackage, LeafNode, UnverifiedLeafNode
from geventim.wire.presentation import Opaque, Struct, Uint16, write_opaque


@dataclass(frozen=True, slots=True)
class UnverifiedKeyPackage(Struct):
    """A key package as it came; :meth:`verify` gives the :class:`KeyPackage`."""

    version: Uint16
    cipher_suite: Uint16
    init_key: Opaque
    leaf_node: UnverifiedLeafNode
    extensions: Extensions
    signature: Opaque

    def content(self) -> bytes:
        """``KeyPackageTBS``."""
        out = bytearray()
        self.write(out)
        tail = bytearray()
        write_opaque(tail, self.signature)
        return bytes(out[: len(out) - len(tail)])

    def reference(self) -> bytes:
        """The 32-byte name by which a Welcome finds it (RFC 9420 §5.2)."""
        return suite_of(self.cipher_suite).ref_hash("MLS 1.0 KeyPackage Reference", self.encode())

    def verify(self, suite: CipherSuite | None = None) -> "KeyPackage":
        """The key package, once it is valid for ``suite`` or, without one, for its own.

        The rules are those of RFC 9420 §10.1. Raises :class:`PeerError`.
        """
        if self.version != MLS_10:
            raise PeerError("a key package of another protocol version")
        if suite is not None and self.cipher_suite != suite.number:
            raise PeerError("a key package for another cipher suite")
        suite = suite_of(self.cipher_suite)
        suite.check_public_key(self.init_key)
        if not isinstance(self.leaf_node.source, FromKeyPackage):
            raise PeerError("a key package's leaf node is not made for it")
        if self.init_key == self.leaf_node.encryption_key:
            raise PeerError("a key package uses one key for two purposes")
        leaf = self.leaf_node.verify(suite)
        suite.verify_with_label(
            suite.verifier(leaf.signature_key), "KeyPackageTBS", self.content(), self.signature
        )
        return self.trust()

    def trust(self) -> "KeyPackage":
        """The key package without a check, for what was verified before, such as our own state."""
        return KeyPackage(
            self.version,
            self.cipher_suite,
            self.init_key,
            self.leaf_node.trust(),
            self.extensions,
            self.signature,
        )


@dataclass(frozen=True, slots=True)
class KeyPackage(UnverifiedKeyPackage):
    """A key package that is valid."""

    leaf_node: LeafNode

    @property
    def lifetime(self) -> Lifetime:
        """When it may be used."""
        source = self.leaf_node.source
        assert isinstance(source, FromKeyPackage)  # noqa: S101 - what verify() established
        return source.lifetime


@dataclass(frozen=True, slots=True)
class OwnKeyPackage:
    """A key package with the private keys that belong to it; kept until its Welcome arrives."""

    key_package: KeyPackage
    client: Client
    init_key: PrivateKey = field(repr=False)
    encryption_key: PrivateKey = field(repr=False)


def generate_key_package(
    suite: CipherSuite,
    client: Client,
    lifetime: Lifetime,
    random: Random,
    extensions: tuple[Extension, ...] = (),
) -> OwnKeyPackage:
    """A fresh key package of ``client``, to be used once."""
    init_key = suite.generate_key_pair(random)
    encryption_key = suite.generate_key_pair(random)
    leaf = client.leaf_node(suite, encryption_key.public, FromKeyPackage(lifetime))
    unsigned = UnverifiedKeyPackage(MLS_10, suite.number, init_key.public, leaf, extensions, b"")
    signature = suite.sign_with_label(client.signing_key, "KeyPackageTBS", unsigned.content())
    package = KeyPackage(MLS_10, suite.number, init_key.public, leaf, extensions, signature)
    return OwnKeyPackage(package, client, init_key, encryption_key)
