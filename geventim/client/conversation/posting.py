"""What we write to a conversation: queued, sealed, accepted, and remembered."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from geventim.chat.replies import Recipient
from geventim.chat.values import Kind
from geventim.client.conversation import away, doubtful, outgoing
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.hearing import Heard, hear, is_founder_of
from geventim.client.events import Delivery, Sent
from geventim.client.kept.parcels import Parcel
from geventim.client.kept.stages import Stage
from geventim.client.kept.tickets import Ticket
from geventim.client.sealing import content
from geventim.client.sealing.content import QUIET, Act, Content, ContentKind
from geventim.errors import DeniedError

KINDS: Final = {
    Kind.ROOM: ContentKind.ROOM,
    Kind.GROUP: ContentKind.GROUP,
    Kind.DM: ContentKind.PRIVATE,
}
"""The kind of what is said in each kind of conversation."""


def post(conversation: Conversation, said: Content, own_id: bytes = b"") -> Parcel:
    """Queue a message; its front end calls it ``own_id``, if it does.

    One that has an id already is known to be queued.

    Raises :class:`UserError` for one that no entry can hold, and where nothing can be sent.
    """
    if conversation.stage is Stage.STOPPED:
        raise conversation.objection()
    if (
        conversation.record.kind is Kind.ROOM
        and not conversation.record.member
        and not conversation.intent.sought
    ):
        raise DeniedError("not_a_member", case="room", name=conversation.name)
    is_told = said.id is not None
    said = msgspec.structs.replace(
        said,
        id=said.id or conversation.user.new_id(),
        expires=_lifetime(conversation, said),
    )
    encoded = content.encode(said)
    # What was not possible before may be by now.
    conversation.intent.failure = None
    conversation.record.parcels += 1
    message_id = content.message_id(conversation.user.account, conversation.id, said, encoded)
    number, is_light = conversation.record.parcels, said.act in QUIET
    parcel = Parcel(number, message_id, encoded, is_light=is_light, own_id=own_id)
    if own_id:
        conversation.user.tickets.put(Ticket(conversation.id, own_id, message_id))
    # A key is announced for what follows now, or not at all.
    conversation.parcels.put(parcel, is_lasting=said.kind is not ContentKind.KEY)
    conversation.keep()
    if not is_told:
        outgoing.tell(conversation.user, conversation.record, parcel, said, Delivery.QUEUED)
    # Who writes has read what is there.
    conversation.mark_read(conversation.user.history.newest(conversation.id))
    return parcel


def tell_read(conversation: Conversation) -> None:
    """Say how far the user has read."""
    _put_quietly(conversation, read=conversation.bookmark.seen)
    conversation.bookmark.tell()


def tell_away(conversation: Conversation) -> None:
    """Say why the user is away, or that they are back."""
    _put_quietly(conversation, away=conversation.user.away.text)


def _put_quietly(conversation: Conversation, **members: Any) -> None:
    user, kind = conversation.user, KINDS[conversation.record.kind]
    said = Content(user.nick, "", user.clocks.date(), kind, id=user.new_id(), **members)
    encoded = content.encode(said)
    conversation.record.parcels += 1
    message_id = content.message_id(user.account, conversation.id, said, encoded)
    number = conversation.record.parcels
    parcel = Parcel(number, message_id, encoded, is_quiet=True, is_light=True)
    conversation.parcels.put(parcel, is_lasting=False)
    conversation.keep()


def accept_parcel(
    conversation: Conversation, parcel: Parcel, seq: int, recipient: Recipient | None = None
) -> None:
    """The server has put ``parcel`` at ``seq``."""
    record = conversation.record
    conversation.parcels.accept(parcel, seq, recipient)
    record.accepted += 1
    if parcel.own_id:
        conversation.user.tickets.settle(conversation.id, parcel.own_id, seq)
    said, user = content.parse(parcel.content), conversation.user
    is_doubtful = bool(record.entered) or len(conversation.attempts) > 0
    if is_doubtful and not parcel.is_quiet:
        doubtful.note(conversation, parcel, said)
    conversation.keep()
    if parcel.is_repeated:
        return
    if said.act is Act.AWAY:
        away.told(conversation, said.away or "")
    if said.kind is not ContentKind.KEY and said.act is Act.SAY:
        message_id = parcel.message_id.hex()
        name, place = conversation.name, conversation.hex
        user.emit(Sent(message_id, seq, name, said.kind, said.message, place))
    if said.kind in outgoing.LASTING:
        is_founder = said.act is Act.RETRACT and is_founder_of(conversation)
        heard = Heard(said, user.account, seq, parcel.message_id, is_founder=is_founder)
        told = hear(conversation, heard)
        if told is not None:
            user.emit(told.event(delivery=Delivery.SENT))


def seal(conversation: Conversation, parcel: Parcel, testimony: bytes) -> None:
    """Seal ``parcel`` for the members of now."""
    group, record = conversation.group, conversation.record
    sealed = group.send(parcel.content, testimony)
    record.since += not parcel.is_light
    record.sealed, record.sealed_in = group.generation, group.confirmed_transcript_hash
    conversation.keep()
    conversation.keep_ratchets()
    conversation.parcels.seal(parcel, record.sealed_in, sealed)


def write_again(conversation: Conversation, seq: int) -> None:
    """After we got in with the commit ``seq``: write again what we wrote where nobody else was."""
    if conversation.record.entered == seq:
        say_again(conversation)


def say_again(conversation: Conversation, doubtful: Iterable[Parcel] = ()) -> None:
    """Queue once more what was written, or with ``doubtful`` may have been, where nobody else was.

    Whoever has read it all the same knows it by its id.
    """
    record = conversation.record
    written_first = record.doubtful | {_first(each): each.content for each in doubtful}
    record.doubtful = {}
    for first, written in written_first.items():
        said = content.parse(written)
        again = content.again(said, written, first)
        record.parcels += 1
        message_id, is_light = conversation.user.new_id(), said.act in QUIET
        conversation.parcels.put(
            Parcel(record.parcels, message_id, again, is_repeated=True, is_light=is_light)
        )
    conversation.keep()


def _lifetime(conversation: Conversation, said: Content) -> int:
    """Seconds from reading after which what we say is deleted."""
    is_lasting = said.act is Act.SAY and said.kind in outgoing.LASTING
    return conversation.record.timer if is_lasting and not said.expires else said.expires


def _first(parcel: Parcel) -> bytes:
    """The id of the entry in which that was written first."""
    return content.parse(parcel.content).id or parcel.message_id
