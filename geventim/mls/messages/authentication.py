"""Who said it: signatures of framed contents (RFC 9420 §6.1)."""

from dataclasses import dataclass
from typing import Protocol

from geventim.crypto.signature import SigningKey
from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import CipherSuite
from geventim.mls.ground.extensions import external_senders
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import (
    AuthenticatedContent,
    External,
    FramedContent,
    FramedContentAuthData,
    Member,
    NewMemberCommit,
    content_to_sign,
)
from geventim.mls.messages.proposals import EXTERNAL_TYPES, Add
from geventim.mls.tree.group_context import GroupContext

_LABEL = "FramedContentTBS"


class Signers(Protocol):
    """Knows the members' signature keys: the tree, or what is kept of it for a past epoch."""

    def signature_key(self, index: int) -> bytes:
        """That of the member at leaf ``index``. Raises :class:`PeerError` if nobody is there."""


@dataclass(frozen=True, slots=True)
class UnverifiedContent:
    """A content out of its protection; :meth:`verify` gives the :class:`AuthenticatedContent`."""

    wire_format: int
    content: FramedContent
    auth: FramedContentAuthData

    def verify(
        self, suite: CipherSuite, signers: Signers, context: GroupContext
    ) -> AuthenticatedContent:
        """The content, once its signature is that of its sender. Raises :class:`PeerError`."""
        key = sender_key(self.content, signers, context)
        to_sign = content_to_sign(self.wire_format, self.content, context)
        suite.verify_with_label(suite.verifier(key), _LABEL, to_sign, self.auth.signature)
        return AuthenticatedContent(self.wire_format, self.content, self.auth)


def sender_key(content: FramedContent, signers: Signers, context: GroupContext) -> bytes:
    """The signature key that must have signed ``content`` (RFC 9420 §6.1).

    Raises :class:`PeerError` where such a sender may not send such a content.
    """
    sender, inner = content.sender, content.content
    if isinstance(sender, Member):
        return signers.signature_key(sender.leaf_index)
    if isinstance(sender, External):
        if not isinstance(inner, EXTERNAL_TYPES):
            raise PeerError("an external sender may not send this")
        senders = external_senders(context.extensions)
        if sender.sender_index >= len(senders):
            raise PeerError("an unknown external sender")
        return senders[sender.sender_index].signature_key
    if isinstance(sender, NewMemberCommit):
        if not isinstance(inner, Commit):
            raise PeerError("who joins by a commit sends nothing else")
        if inner.path is None:
            raise PeerError("an external commit without a path")
        return inner.path.leaf_node.signature_key
    if not isinstance(inner, Add):
        raise PeerError("who asks to be added proposes nothing else")
    return inner.key_package.leaf_node.signature_key


def sign_content(
    suite: CipherSuite,
    signing_key: SigningKey,
    wire_format: int,
    content: FramedContent,
    context: GroupContext | None,
) -> AuthenticatedContent:
    """``content`` with its signature; a commit still lacks its confirmation tag."""
    to_sign = content_to_sign(wire_format, content, context)
    signature = suite.sign_with_label(signing_key, _LABEL, to_sign)
    return AuthenticatedContent(wire_format, content, FramedContentAuthData(signature, None))
