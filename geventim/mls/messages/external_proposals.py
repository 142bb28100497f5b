"""Proposals from outside a group (RFC 9420 §12.1.8)."""

from geventim.crypto.signature import SigningKey
from geventim.errors import MisuseError
from geventim.mls.ground.cipher_suite import CipherSuite, suite_of
from geventim.mls.messages.authentication import sign_content
from geventim.mls.messages.framing import (
    PUBLIC_MESSAGE,
    External,
    FramedContent,
    NewMemberProposal,
    PublicMessage,
    Sender,
)
from geventim.mls.messages.key_package import OwnKeyPackage
from geventim.mls.messages.message import encode_message
from geventim.mls.messages.proposals import EXTERNAL_TYPES, Add, Proposal


def ask_to_join(
    group_id: bytes, epoch: int, own: OwnKeyPackage, authenticated_data: bytes = b""
) -> bytes:
    """A message that asks the members of a group in that ``epoch`` to add us."""
    suite = suite_of(own.key_package.cipher_suite)
    sender, proposal = NewMemberProposal(), Add(own.key_package)
    content = FramedContent(group_id, epoch, sender, authenticated_data, proposal)
    return _sign(suite, own.client.signing_key, content)


def propose_from_outside(
    suite: CipherSuite,
    group_id: bytes,
    epoch: int,
    sender_index: int,
    signing_key: SigningKey,
    proposal: Proposal,
    authenticated_data: bytes = b"",
) -> bytes:
    """A message with a proposal by the ``sender_index``-th of a group's external senders.

    Raises :class:`MisuseError` for a proposal that must come from a member.
    """
    if not isinstance(proposal, EXTERNAL_TYPES):
        raise MisuseError("an external sender may not propose this")
    sender: Sender = External(sender_index)
    content = FramedContent(group_id, epoch, sender, authenticated_data, proposal)
    return _sign(suite, signing_key, content)


def _sign(suite: CipherSuite, signing_key: SigningKey, content: FramedContent) -> bytes:
    signed = sign_content(suite, signing_key, PUBLIC_MESSAGE, content, None)
    return encode_message(PublicMessage(signed.content, signed.auth, None))
