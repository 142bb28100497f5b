"""Message protection: public and private messages from contents and back (RFC 9420 §6.2, §6.3)."""

from collections.abc import Callable
from dataclasses import dataclass

from geventim.crypto.aead import NONCE_SIZE
from geventim.errors import MisuseError, PeerError
from geventim.mls.ground.cipher_suite import HASH_SIZE, CipherSuite
from geventim.mls.messages.authentication import UnverifiedContent
from geventim.mls.messages.framing import (
    COMMIT_TYPE,
    CONTENT,
    PRIVATE_MESSAGE,
    PUBLIC_MESSAGE,
    ApplicationData,
    AuthenticatedContent,
    FramedContent,
    FramedContentAuthData,
    Member,
    PrivateMessage,
    PublicMessage,
    SenderData,
    content_to_sign,
)
from geventim.mls.schedule.secret_tree import Found, MessageKey, RatchetKind, SecretTree
from geventim.mls.tree.group_context import GroupContext
from geventim.wire.presentation import Opaque, Reader, Struct, Uint8, Uint64

_GUARD_SIZE = 4


@dataclass(frozen=True, slots=True)
class PrivateContentAAD(Struct):
    """What the ciphertext of a private message is bound to."""

    group_id: Opaque
    epoch: Uint64
    content_type: Uint8
    authenticated_data: Opaque


@dataclass(frozen=True, slots=True)
class SenderDataAAD(Struct):
    """What its sender data are bound to."""

    group_id: Opaque
    epoch: Uint64
    content_type: Uint8


def kind_of(content_type: int) -> RatchetKind:
    """The ratchet that seals contents of that type."""
    return RatchetKind.APPLICATION if content_type == 1 else RatchetKind.HANDSHAKE


def protect_public(
    suite: CipherSuite, membership_key: bytes, message: AuthenticatedContent, context: GroupContext
) -> PublicMessage:
    """``message`` as it travels in the clear; members add the membership tag."""
    content, auth = message.content, message.auth
    if isinstance(content.content, ApplicationData):
        raise MisuseError("application data are always sealed")
    tag = None
    if isinstance(content.sender, Member):
        tag = suite.mac(membership_key, _content_to_mac(content, auth, context))
    return PublicMessage(content, auth, tag)


def unprotect_public(
    suite: CipherSuite, membership_key: bytes, message: PublicMessage, context: GroupContext
) -> UnverifiedContent:
    """The content of a public message of the current epoch. Raises :class:`PeerError`."""
    content, auth = message.content, message.auth
    if isinstance(content.content, ApplicationData):
        raise PeerError("application data that are not sealed")
    if message.membership_tag is not None:
        to_mac = _content_to_mac(content, auth, context)
        suite.verify_mac(membership_key, to_mac, message.membership_tag)
    return UnverifiedContent(PUBLIC_MESSAGE, content, auth)


def protect_private(
    suite: CipherSuite,
    sender_data_secret: bytes,
    message: AuthenticatedContent,
    key: MessageKey,
    reuse_guard: bytes,
    padding: Callable[[int], int],
) -> PrivateMessage:
    """``message`` sealed with ``key``; ``reuse_guard`` is four fresh random bytes."""
    content = message.content
    if not isinstance(content.sender, Member):
        raise MisuseError("only members can seal")
    content_type = CONTENT.tag(content.content)
    plaintext = bytearray()
    # The type is in the header, so a private content starts behind it (RFC 9420 §6.3.1).
    plaintext += CONTENT.encode(content.content)[1:]
    message.auth.write(plaintext)
    plaintext += bytes(padding(len(plaintext)))
    aad = PrivateContentAAD(
        content.group_id, content.epoch, content_type, content.authenticated_data
    )
    nonce = _guard(key.nonce, reuse_guard)
    ciphertext = suite.aead.seal(key.key, nonce, bytes(plaintext), aad.encode())
    sender_data = SenderData(content.sender.leaf_index, key.generation, reuse_guard)
    sender_key, sender_nonce = sender_data_key(suite, sender_data_secret, ciphertext)
    header = SenderDataAAD(content.group_id, content.epoch, content_type)
    sealed_sender = suite.aead.seal(sender_key, sender_nonce, sender_data.encode(), header.encode())
    return PrivateMessage(
        content.group_id,
        content.epoch,
        content_type,
        content.authenticated_data,
        sealed_sender,
        ciphertext,
    )


def open_sender_data(
    suite: CipherSuite, sender_data_secret: bytes, message: PrivateMessage
) -> SenderData:
    """Who sent ``message``, and with which key. Raises :class:`PeerError`."""
    key, nonce = sender_data_key(suite, sender_data_secret, message.ciphertext)
    header = SenderDataAAD(message.group_id, message.epoch, message.content_type)
    opened = suite.aead.open(key, nonce, message.encrypted_sender_data, header.encode())
    return SenderData.decode(opened)


def unprotect_private(
    suite: CipherSuite,
    sender_data: SenderData,
    secrets: SecretTree,
    message: PrivateMessage,
    max_ahead: int,
    max_late: int | None = None,
) -> tuple[UnverifiedContent, Found]:
    """The content of a private message, and the key it used up.

    The key is still there; take it from ``secrets`` once the content is verified. Raises
    :class:`PeerError`.
    """
    kind = kind_of(message.content_type)
    found = secrets.seek(sender_data.leaf_index, kind, sender_data.generation, max_ahead, max_late)
    aad = PrivateContentAAD(
        message.group_id, message.epoch, message.content_type, message.authenticated_data
    )
    nonce = _guard(found.key.nonce, sender_data.reuse_guard)
    plaintext = suite.aead.open(found.key.key, nonce, message.ciphertext, aad.encode())
    # Put the type back in front, so that one codec reads contents wherever they are.
    reader = Reader(bytes([message.content_type]) + plaintext)
    inner = CONTENT.read(reader)
    auth = FramedContentAuthData.read(reader, of_commit=message.content_type == COMMIT_TYPE)
    if any(reader.rest()):
        raise PeerError("padding that is not zero")
    sender = Member(sender_data.leaf_index)
    content = FramedContent(
        message.group_id, message.epoch, sender, message.authenticated_data, inner
    )
    return UnverifiedContent(PRIVATE_MESSAGE, content, auth), found


def sender_data_key(suite: CipherSuite, secret: bytes, ciphertext: bytes) -> tuple[bytes, bytes]:
    """Key and nonce of the sender data of a message (RFC 9420 §6.3.2)."""
    sample = ciphertext[:HASH_SIZE]
    key = suite.expand_with_label(secret, "key", sample, suite.aead.key_size)
    return key, suite.expand_with_label(secret, "nonce", sample, NONCE_SIZE)


def _content_to_mac(
    content: FramedContent, auth: FramedContentAuthData, context: GroupContext
) -> bytes:
    """``AuthenticatedContentTBM``."""
    out = bytearray(content_to_sign(PUBLIC_MESSAGE, content, context))
    auth.write(out)
    return bytes(out)


def _guard(nonce: bytes, reuse_guard: bytes) -> bytes:
    mask = int.from_bytes(reuse_guard, "big")
    front = int.from_bytes(nonce[:_GUARD_SIZE], "big") ^ mask
    return front.to_bytes(_GUARD_SIZE, "big") + nonce[_GUARD_SIZE:]
