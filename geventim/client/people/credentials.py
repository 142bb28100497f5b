"""Credentials: who a member is, in the words that its leaf node is signed with.

A basic credential (RFC 9420 §5.3) whose identity names server key, account id and nick. The account
id is a hash of the signature key, so whoever has another key cannot say that it is this account,
and the server cannot lend a nick to another key unnoticed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from geventim.chat import limits
from geventim.chat.values import ID_SIZE, account_id
from geventim.errors import PeerError
from geventim.mls.ground.credentials import BasicCredential, Credential
from geventim.wire.presentation import Bytes, Opaque, Struct, Uint8

VERSION: Final = 1

LONGEST_NICK: Final = 4 * limits.NAME_LENGTH
"""Bytes in a nick."""


@dataclass(frozen=True, slots=True)
class _Identity(Struct):
    version: Uint8
    server_key: Annotated[bytes, Bytes(32)]
    account: Annotated[bytes, Bytes(ID_SIZE)]
    nick: Opaque


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who a credential names: an account id and its nick."""

    account: bytes
    nick: str


def make_credential(server_key: bytes, account: bytes, nick: str) -> BasicCredential:
    """The credential of an account of the server with the 32-byte ``server_key``."""
    return BasicCredential(_Identity(VERSION, server_key, account, nick.encode()).encode())


def read_credential(credential: Credential) -> Somebody:
    """Who ``credential`` names. Raises :class:`PeerError` if it is none of ours."""
    identity = _decode(credential)
    return Somebody(identity.account, identity.nick.decode())


def accept_credential(server_key: bytes) -> Callable[[Credential, bytes], bool]:
    """Whether a credential belongs to a signature key, on the server with ``server_key``.

    A function of the bytes alone, so that all members agree: it neither asks what a name looks
    like, which changes with the version of Unicode, nor whom we trust.
    """

    def accept(credential: Credential, signature_key: bytes) -> bool:
        try:
            identity = _decode(credential)
        except PeerError:
            return False
        return identity.server_key == server_key and account_id(signature_key) == identity.account

    return accept


def _decode(credential: Credential) -> _Identity:
    if not isinstance(credential, BasicCredential):
        raise PeerError("a credential of another type")
    identity = _Identity.decode(credential.identity)
    if identity.version != VERSION:
        raise PeerError("a credential of another version")
    if not 0 < len(identity.nick) <= LONGEST_NICK:
        raise PeerError("a credential without a nick")
    try:
        identity.nick.decode()
    except UnicodeError:
        raise PeerError("a nick that is no text") from None
    return identity
