"""The charter of a conversation: as we found it, and whether it is the one that we know."""

from geventim.chat.values import Kind
from geventim.client.conversation.conversation import Conversation
from geventim.client.sealing.charter import Charter
from geventim.errors import PeerError
from geventim.mls.ground.extensions import Extension


def found_charter(conversation: Conversation) -> Charter:
    """What the group is to be founded on, if we found it."""
    record, user = conversation.record, conversation.user
    return Charter.found(
        record.kind,
        record.id,
        server=user.signature_key,
        incarnation=record.incarnation,
        key=user.profile.keys.identity,
        gate=record.gate,
        name="" if record.kind is Kind.DM else record.name,
    )


def check_charter(conversation: Conversation, extensions: tuple[Extension, ...]) -> Charter:
    """The charter in ``extensions``, if that is the one of this conversation.

    Raises :class:`PeerError`.
    """
    charter, record = Charter.read(extensions), conversation.record
    server = conversation.user.signature_key
    expected = (record.kind, server, record.incarnation, record.keyed)
    found = (charter.kind, charter.server, charter.incarnation, bool(charter.gate))
    if found != expected:
        raise PeerError("the charter of another conversation")
    charter.verify_name(conversation.id)
    if charter.kind is Kind.GROUP and charter.founder != record.founder:
        raise PeerError("a group that somebody else has founded")
    if charter.kind is Kind.ROOM and charter.name != record.name:
        raise PeerError("a room of another name")
    return charter
