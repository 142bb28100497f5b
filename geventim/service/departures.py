"""What leaves and deletes have to say, and the server's word that somebody is out."""

from geventim.chat import departures
from geventim.chat.departures import Deletion, Departure
from geventim.chat.values import Account, Conversation, EntryKind
from geventim.crypto import signature
from geventim.crypto.signature import SigningKey
from geventim.errors import AuthenticationError, PeerError
from geventim.service import refusals


def check(account: Account, conversation: Conversation, kind: EntryKind, payload: bytes) -> None:
    """Return if ``account`` may put ``payload`` into the log by an entry of this ``kind``.

    Messages may say anything. Raises :class:`geventim.errors.UserError`: ``bad_departure``.
    """
    if kind is EntryKind.MESSAGE:
        return
    place = conversation.id, conversation.incarnation
    try:
        said: Departure | Deletion
        if kind is EntryKind.LEAVE:
            said = Departure.decode(payload)
            expected, claim = (
                departures.LEAVE,
                departures.leave_claim(*place, said.leaf, said.history),
            )
        else:
            said = Deletion.decode(payload)
            expected, claim = departures.DELETE, departures.delete_claim(*place)
        if (said.kind, said.account) != (expected, account.id):
            raise refusals.BAD_DEPARTURE.error()
        signature.verify(account.identity, claim, said.signature)
    except (PeerError, AuthenticationError):
        raise refusals.BAD_DEPARTURE.error() from None


def sign_kick(
    signer: SigningKey, conversation: Conversation, account: bytes, leaf: bytes, history: bytes
) -> bytes:
    """The server's word that ``account`` is out, with the leaf that has this encryption key.

    It is for the epoch with that interim transcript hash.
    """
    place = conversation.id, conversation.incarnation
    claim = departures.kick_claim(*place, account, leaf, history)
    return signer.sign(claim)


def make_deletion(signer: SigningKey, conversation: Conversation) -> bytes:
    """The payload of the entry by which the server ends a conversation."""
    claim = departures.delete_claim(conversation.id, conversation.incarnation)
    said = Deletion(departures.DELETE_BY_SERVER, conversation.creator, signer.sign(claim))
    return said.encode()


def make_kick(signer: SigningKey, conversation: Conversation, account: bytes) -> bytes:
    """The payload of the entry that puts ``account`` out."""
    nothing = departures.NO_LEAF, departures.NO_HISTORY
    signed = sign_kick(signer, conversation, account, *nothing)
    return Departure(departures.KICK, account, *nothing, signed).encode()
