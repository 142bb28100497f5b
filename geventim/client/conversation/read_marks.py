"""How far people say that they have read, in conversations of two and in small groups."""

from geventim.chat.values import Kind
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Read
from geventim.client.people import roster


def are_told(conversation: Conversation) -> bool:
    """Whether people say there how far they have read."""
    kind, seat = conversation.record.kind, conversation.seat
    most = conversation.user.measures.readers
    if kind is Kind.ROOM or seat is None:
        return False
    return kind is Kind.DM or len(roster.members(seat.tree)) <= most


def note(conversation: Conversation, nick: str, account: bytes, seq: int) -> None:
    """Take that an account says that it has read everything up to the entry ``seq``."""
    user, name = conversation.user, conversation.name
    is_own = account == user.account
    if is_own or not are_told(conversation) or not conversation.readers.note(account, seq):
        return
    user.transfers.note_read(conversation.id, _read_by_all(conversation))
    said = user.history.last_before(conversation.id, seq)
    if said is not None:
        message_id = said.message_id.hex()
        user.emit(Read(name, nick, account.hex(), seq, conversation.hex, message_id, said.order))


def _read_by_all(conversation: Conversation) -> int:
    """The entry up to which everybody else who is there has read."""
    others = roster.members(conversation.seat_of().tree).keys() - {conversation.user.account}
    return min(map(conversation.readers.read, others), default=0)
