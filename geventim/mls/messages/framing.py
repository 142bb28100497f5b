"""Message framing (RFC 9420 §6): what every message of a group has around its content."""

from dataclasses import dataclass
from typing import Annotated, Final, Self

from geventim.mls.ground.cipher_suite import MLS_10, CipherSuite
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.proposals import PROPOSAL, Proposal
from geventim.mls.tree.group_context import GroupContext
from geventim.wire.presentation import (
    Bytes,
    Opaque,
    Reader,
    Select,
    Struct,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    write_opaque,
)

PUBLIC_MESSAGE: Final = 1
PRIVATE_MESSAGE: Final = 2
WELCOME: Final = 3
GROUP_INFO: Final = 4
KEY_PACKAGE: Final = 5


@dataclass(frozen=True, slots=True)
class Member(Struct):
    """A member, by its leaf index."""

    leaf_index: Uint32


@dataclass(frozen=True, slots=True)
class External(Struct):
    """Somebody outside, by the place in the ``external_senders`` extension."""

    sender_index: Uint32


@dataclass(frozen=True, slots=True)
class NewMemberProposal(Struct):
    """Somebody who asks to be added."""


@dataclass(frozen=True, slots=True)
class NewMemberCommit(Struct):
    """Somebody who joins by an external commit."""


Sender = Member | External | NewMemberProposal | NewMemberCommit

SENDER: Final = Select(1, {1: Member, 2: External, 3: NewMemberProposal, 4: NewMemberCommit})


@dataclass(frozen=True, slots=True)
class ApplicationData(Struct):
    """What the application sends."""

    data: Opaque


Content = ApplicationData | Proposal | Commit

CONTENT: Final = Select(1, {1: ApplicationData, 2: PROPOSAL, 3: Commit})
"""A content behind its type."""

COMMIT_TYPE: Final = 3


@dataclass(frozen=True, slots=True)
class FramedContent(Struct):
    """A content with its group, epoch and sender."""

    group_id: Opaque
    epoch: Uint64
    sender: Annotated[Sender, SENDER]
    authenticated_data: Opaque
    content: Annotated[Content, CONTENT]


@dataclass(frozen=True, slots=True)
class FramedContentAuthData:
    """What authenticates a content; only commits have a confirmation tag (RFC 9420 §6.1)."""

    signature: bytes
    confirmation_tag: bytes | None

    def write(self, out: bytearray) -> None:
        """Append the fields that there are."""
        write_opaque(out, self.signature)
        if self.confirmation_tag is not None:
            write_opaque(out, self.confirmation_tag)

    @classmethod
    def read(cls, reader: Reader, *, of_commit: bool) -> Self:
        """What belongs to a commit, or to anything else. Raises :class:`PeerError`."""
        return cls(reader.opaque(), reader.opaque() if of_commit else None)


@dataclass(frozen=True, slots=True)
class AuthenticatedContent(Struct):
    """A content with its authentication, whichever way it travels.

    What :mod:`geventim.mls.messages.protection` returns has been verified.
    """

    wire_format: Uint16
    content: FramedContent
    auth: FramedContentAuthData

    def write(self, out: bytearray) -> None:
        """Append the whole message, as transcripts and references see it."""
        out += self.wire_format.to_bytes(2, "big")
        self.content.write(out)
        self.auth.write(out)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """The next one. Raises :class:`PeerError`."""
        wire_format = reader.uint(2)
        content = FramedContent.read(reader)
        of_commit = isinstance(content.content, Commit)
        return cls(wire_format, content, FramedContentAuthData.read(reader, of_commit=of_commit))

    def reference(self, suite: CipherSuite) -> bytes:
        """The 32-byte name of the proposal in it (RFC 9420 §5.2)."""
        return suite.ref_hash("MLS 1.0 Proposal Reference", self.encode())


def content_to_sign(
    wire_format: int, content: FramedContent, context: GroupContext | None
) -> bytes:
    """``FramedContentTBS``; the senders that know the group bind the content to its context."""
    out = bytearray(MLS_10.to_bytes(2, "big"))
    out += wire_format.to_bytes(2, "big")
    content.write(out)
    if isinstance(content.sender, Member | NewMemberCommit):
        assert context is not None  # noqa: S101 - the callers' own state
        context.write(out)
    return bytes(out)


@dataclass(frozen=True, slots=True)
class PublicMessage(Struct):
    """A message that is signed but not sealed (RFC 9420 §6.2)."""

    content: FramedContent
    auth: FramedContentAuthData
    membership_tag: bytes | None

    def write(self, out: bytearray) -> None:
        """Append the fields that there are."""
        self.content.write(out)
        self.auth.write(out)
        if self.membership_tag is not None:
            write_opaque(out, self.membership_tag)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """The next one. Raises :class:`PeerError`."""
        content = FramedContent.read(reader)
        of_commit = isinstance(content.content, Commit)
        auth = FramedContentAuthData.read(reader, of_commit=of_commit)
        by_member = isinstance(content.sender, Member)
        return cls(content, auth, reader.opaque() if by_member else None)


@dataclass(frozen=True, slots=True)
class PrivateMessage(Struct):
    """A message that is signed and sealed (RFC 9420 §6.3)."""

    group_id: Opaque
    epoch: Uint64
    content_type: Uint8
    authenticated_data: Opaque
    encrypted_sender_data: Opaque
    ciphertext: Opaque


@dataclass(frozen=True, slots=True)
class SenderData(Struct):
    """Who sent a private message, and with which of its keys (RFC 9420 §6.3.2)."""

    leaf_index: Uint32
    generation: Uint32
    reuse_guard: Annotated[bytes, Bytes(4)]
