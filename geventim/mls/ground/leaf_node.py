"""Leaf nodes: one client's appearance in a group, signed by itself (RFC 9420 §7.2)."""

from dataclasses import dataclass, fields
from typing import Annotated, Final

from geventim.crypto.signature import SigningKey
from geventim.errors import MisuseError, PeerError
from geventim.mls.ground.capabilities import DEFAULT_PROPOSALS, Capabilities, Lifetime
from geventim.mls.ground.cipher_suite import CipherSuite
from geventim.mls.ground.credentials import AnyCredential, Credential, credential_type
from geventim.mls.ground.extensions import DEFAULT_EXTENSIONS, Extension, Extensions
from geventim.wire.presentation import Opaque, Select, Struct, write_opaque


@dataclass(frozen=True, slots=True)
class FromKeyPackage(Struct):
    """The leaf came with an Add; it says when it is good."""

    lifetime: Lifetime


@dataclass(frozen=True, slots=True)
class FromUpdate(Struct):
    """The leaf came with an Update proposal."""


@dataclass(frozen=True, slots=True)
class FromCommit(Struct):
    """The leaf came with a commit's path; it vouches for the nodes above it (RFC 9420 §7.9)."""

    parent_hash: Opaque


LeafNodeSource = FromKeyPackage | FromUpdate | FromCommit

_SOURCE: Final = Select(1, {1: FromKeyPackage, 2: FromUpdate, 3: FromCommit})


@dataclass(frozen=True, slots=True)
class UnverifiedLeafNode(Struct):
    """A leaf node as it came; :meth:`verify` gives the :class:`LeafNode`."""

    encryption_key: Opaque
    signature_key: Opaque
    credential: AnyCredential
    capabilities: Capabilities
    source: Annotated[LeafNodeSource, _SOURCE]
    extensions: Extensions
    signature: Opaque

    def content(self, group_id: bytes, leaf_index: int) -> bytes:
        """``LeafNodeTBS``; group and place count only once the leaf is made for them."""
        out = bytearray()
        self.write(out)
        # The signature is the last field: 64 bytes behind a length of two, when it is one of ours.
        tail = bytearray()
        write_opaque(tail, self.signature)
        del out[len(out) - len(tail) :]
        if not isinstance(self.source, FromKeyPackage):
            write_opaque(out, group_id)
            out += leaf_index.to_bytes(4, "big")
        return bytes(out)

    def verify(self, suite: CipherSuite, group_id: bytes = b"", leaf_index: int = 0) -> "LeafNode":
        """The leaf node, once it keeps those rules of RFC 9420 §7.3 that need no group.

        ``group_id`` and ``leaf_index`` say where it stands, unless it comes from a key package.
        Raises :class:`PeerError`.
        """
        suite.check_public_key(self.encryption_key)
        supported = self.capabilities
        for extension in self.extensions:
            kind = extension.extension_type
            if kind not in DEFAULT_EXTENSIONS and kind not in supported.extensions:
                raise PeerError("a leaf node has an extension that its client does not support")
        if credential_type(self.credential) not in supported.credentials:
            raise PeerError("a leaf node has a credential that its client does not support")
        suite.verify_with_label(
            suite.verifier(self.signature_key),
            "LeafNodeTBS",
            self.content(group_id, leaf_index),
            self.signature,
        )
        return self.trust()

    def trust(self) -> "LeafNode":
        """The leaf node without a check, for what was verified before, such as our own state."""
        return LeafNode(*[getattr(self, field.name) for field in fields(self)])


@dataclass(frozen=True, slots=True)
class LeafNode(UnverifiedLeafNode):
    """A leaf node that is what it says."""


@dataclass(frozen=True, slots=True)
class Client:
    """What a client says about itself in every leaf node it makes, and the key it signs with."""

    signing_key: SigningKey
    credential: Credential
    capabilities: Capabilities = Capabilities()  # noqa: RUF009 - the value is immutable
    extensions: tuple[Extension, ...] = ()

    def __post_init__(self) -> None:
        listed = self.capabilities
        if DEFAULT_EXTENSIONS & {*listed.extensions} or DEFAULT_PROPOSALS & {*listed.proposals}:
            raise MisuseError("default types are not listed as capabilities")

    def leaf_node(
        self,
        suite: CipherSuite,
        encryption_key: bytes,
        source: LeafNodeSource,
        group_id: bytes = b"",
        leaf_index: int = 0,
    ) -> LeafNode:
        """A signed leaf node. Raises :class:`MisuseError` if it breaks a rule of its own."""
        unsigned = UnverifiedLeafNode(
            encryption_key,
            self.signing_key.public,
            self.credential,
            self.capabilities,
            source,
            self.extensions,
            b"",
        )
        kinds = {extension.extension_type for extension in self.extensions}
        if len(kinds) != len(self.extensions):
            raise MisuseError("two extensions of one type")
        if kinds - DEFAULT_EXTENSIONS - {*self.capabilities.extensions}:
            raise MisuseError("an extension is missing from the capabilities")
        if credential_type(self.credential) not in self.capabilities.credentials:
            raise MisuseError("the credential's type is missing from the capabilities")
        content = unsigned.content(group_id, leaf_index)
        signature = suite.sign_with_label(self.signing_key, "LeafNodeTBS", content)
        return LeafNode(
            unsigned.encryption_key,
            unsigned.signature_key,
            unsigned.credential,
            unsigned.capabilities,
            unsigned.source,
            unsigned.extensions,
            signature,
        )
