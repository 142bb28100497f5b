"""Departures, signed and verified: that somebody is out, and which leaf may be taken out for it.

Their bytes are those of :mod:`geventim.chat.departures`.
"""

from geventim.chat.departures import (
    DELETE,
    KICK,
    LEAVE,
    NO_HISTORY,
    NO_LEAF,
    Deletion,
    Departure,
    delete_claim,
    kick_claim,
    leave_claim,
)
from geventim.chat.values import account_id
from geventim.client.people.credentials import read_credential
from geventim.client.sealing.charter import Charter
from geventim.crypto.signature import SigningKey, verify
from geventim.errors import PeerError
from geventim.mls.ground.leaf_node import LeafNode


def sign_leave(
    key: SigningKey,
    conversation: bytes,
    incarnation: bytes,
    leaf: bytes = NO_LEAF,
    history: bytes = NO_HISTORY,
) -> Departure:
    """That the account with the identity ``key`` leaves; ``leaf`` is its leaf's encryption key.

    It has that leaf in the epoch with the interim transcript hash ``history``.
    """
    signature = key.sign(leave_claim(conversation, incarnation, leaf, history))
    return Departure(LEAVE, account_id(key.public), leaf, history, signature)


def kick(account: bytes, leaf: bytes, history: bytes, signature: bytes) -> Departure:
    """That ``account`` is out with that leaf in that epoch, which the server has signed."""
    return Departure(KICK, account, leaf, history, signature)


def sign_deletion(key: SigningKey, conversation: bytes, incarnation: bytes) -> Deletion:
    """That the account with the identity ``key`` ends the conversation."""
    signature = key.sign(delete_claim(conversation, incarnation))
    return Deletion(DELETE, account_id(key.public), signature)


def verify_leave(
    departure: Departure, identity: bytes, conversation: bytes, incarnation: bytes
) -> None:
    """Raise :class:`PeerError` unless the account with that identity key says that it leaves."""
    if departure.kind != LEAVE or account_id(identity) != departure.account:
        raise PeerError("a leave of somebody else")
    claim = leave_claim(conversation, incarnation, departure.leaf, departure.history)
    verify(identity, claim, departure.signature)


def verify_kick(
    departure: Departure, server: bytes, conversation: bytes, incarnation: bytes
) -> None:
    """Raise :class:`PeerError` unless the ``server`` with that signature key says so."""
    if departure.kind != KICK:
        raise PeerError("not a kick")
    account, leaf, history = departure.account, departure.leaf, departure.history
    claim = kick_claim(conversation, incarnation, account, leaf, history)
    verify(server, claim, departure.signature)


def verify_deletion(
    deletion: Deletion, identity: bytes, conversation: bytes, incarnation: bytes
) -> None:
    """Raise :class:`PeerError` unless the account with that identity key ends the conversation."""
    if deletion.kind != DELETE or account_id(identity) != deletion.account:
        raise PeerError("a deletion by somebody else")
    verify(identity, delete_claim(conversation, incarnation), deletion.signature)


def verify_departure(
    departure: Departure, leaf: LeafNode, charter: Charter, conversation: bytes, history: bytes
) -> None:
    """Raise :class:`PeerError` unless ``departure`` gives the right to take ``leaf`` out.

    It is to end the epoch with the interim transcript hash ``history``.
    """
    somebody = read_credential(leaf.credential)
    if (departure.account, departure.leaf) != (somebody.account, leaf.encryption_key):
        raise PeerError("a departure with another leaf")
    if departure.history != history:
        raise PeerError("a departure in another epoch")
    if departure.kind == LEAVE:
        verify_leave(departure, leaf.signature_key, conversation, charter.incarnation)
    else:
        verify_kick(departure, charter.server, conversation, charter.incarnation)
