"""Messages that arrive: from ciphertext to what somebody wrote."""

from dataclasses import dataclass, replace
from typing import Final

import msgspec

from geventim.chat.names import OLD
from geventim.chat.replies import EntryEvent
from geventim.chat.values import Kind
from geventim.client.causes import Cause
from geventim.client.conversation.acquaintance import accuse, is_pinned, meet
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.hearing import Heard, hear, may_delete
from geventim.client.events import Secret
from geventim.client.following.arrival import adopt, doubt_by_message, settle_in
from geventim.client.kept.closed import ClosedEntry
from geventim.client.kept.record import Offer
from geventim.client.kept.strongbox import Sealed
from geventim.client.people.credentials import Somebody, read_credential
from geventim.client.people.directory import account_name
from geventim.client.people.trust import Standing
from geventim.client.sealing import content
from geventim.client.sealing.content import Act, Content, ContentKind
from geventim.client.sealing.gates import SECRET_SIZE
from geventim.client.sealing.testimony import UNKNOWN, Testimony, count, one_more
from geventim.errors import PeerError
from geventim.mls.groups.group import Group
from geventim.mls.groups.received import OwnMessageError, ReceivedApplication, ReceivedProposal
from geventim.mls.messages.framing import PrivateMessage
from geventim.mls.messages.message import decode_message

FITTING: Final = {
    Kind.ROOM: frozenset({ContentKind.ROOM, ContentKind.KEY}),
    Kind.GROUP: frozenset({ContentKind.GROUP}),
    Kind.DM: frozenset({ContentKind.PRIVATE, ContentKind.SECRET}),
}
"""The kinds of content that each kind of conversation carries."""

ELSEWHERE: Final = frozenset({Cause.UNREADABLE, Cause.ANOTHER_EPOCH})
"""Why a message cannot be read whose author is not where we are."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """What the author of a message has testified, and said."""

    testimony: Testimony
    heard: Heard


def take(conversation: Conversation, entry: EntryEvent, payload: bytes) -> bool:
    """Take a message of somebody else; False if it should open here, and does not."""
    record, seat = conversation.record, conversation.seat
    if seat is None and _read_aside(conversation, entry, payload):
        return True
    if conversation.attempts and seat is not None:
        _choose(conversation, payload)
        seat = conversation.seat
    if seat is not None and seat.is_whole:
        return _read(conversation, seat.group, entry, payload)
    if entry.account in record.seen:
        record.seen[entry.account] = one_more(record.seen[entry.account])
    epoch = _epoch_of(payload)
    is_here = bool(conversation.attempts) if seat is None else epoch == seat.public.context.epoch
    if epoch is None or not is_here:
        record.missed += 1
    else:
        sealed = ClosedEntry(epoch, conversation.user.clock(), entry, payload)
        record.missed += conversation.closed.put(sealed)
    conversation.keep()
    return True


def open_closed(conversation: Conversation, group: Group) -> None:
    """Read what was sealed in the epoch of ``group``, of which we have got the secrets."""
    for sealed in conversation.closed.take(group.epoch):
        _show_opened(conversation, group, sealed.entry, sealed.payload)


def _show_opened(
    conversation: Conversation, group: Group, entry: EntryEvent, payload: bytes
) -> None:
    """Show what was written in the epoch of ``group``, which is not the seat that we have."""
    opened = _open(conversation, group, entry, payload)
    if isinstance(opened, Cause):
        conversation.explain(opened, author=entry.author)
    elif opened is not None:
        _show(conversation, entry, opened)


def _read(conversation: Conversation, group: Group, entry: EntryEvent, payload: bytes) -> bool:
    record = conversation.record
    opened = _open(conversation, group, entry, payload)
    conversation.keep_ratchets()
    if opened is None or isinstance(opened, Cause):
        if entry.account in record.seen:
            record.seen[entry.account] = one_more(record.seen[entry.account])
        if opened is not None and not _is_hidden(conversation, entry):
            conversation.explain(opened, author=entry.author)
        if opened in ELSEWHERE:
            doubt_by_message(conversation, entry.account)
        conversation.keep()
        return opened not in ELSEWHERE
    conversation.witnesses.note(entry.account, entry.seq)
    settle_in(conversation, entry.account)
    _show(conversation, entry, opened)
    _compare(conversation, entry, opened.testimony)
    return True


def _read_aside(conversation: Conversation, entry: EntryEvent, payload: bytes) -> bool:
    """Read a message that opens in one of the seats that we have tried; whether there is one.

    We look for the state of another member all the same: who has made up a state could keep us from
    that by writing there.
    """
    for attempt in conversation.attempts:
        if attempt.opens(payload, conversation.user.engine):
            _show_opened(conversation, attempt.group, entry, payload)
            conversation.attempts.keep(attempt)
            return True
    return False


def _choose(conversation: Conversation, payload: bytes) -> None:
    """Take the seat in which a message of somebody else opens, if we have tried several."""
    engine, present = conversation.user.engine, conversation.seat
    if present is not None and present.opens(payload, engine):
        return
    for attempt in conversation.attempts:
        if attempt.opens(payload, engine):
            adopt(conversation, attempt)
            if attempt.is_whole:
                open_closed(conversation, attempt.group)
            return


def _open(
    conversation: Conversation, group: Group, entry: EntryEvent, payload: bytes
) -> Cause | _Opened | None:
    """What was testified and written, and what we hold of who did; or why it cannot be read.

    None stands for what is written again for others, and was read here before.
    """
    try:
        received = group.receive(payload, conversation.key.look_up)
    except OwnMessageError:
        return Cause.IMPOSTOR
    except PeerError:
        is_ours = _epoch_of(payload) in {None, group.epoch}
        return Cause.UNREADABLE if is_ours else Cause.ANOTHER_EPOCH
    if isinstance(received, ReceivedProposal):
        # Nobody proposes here: the proposal must not wait, or nothing could be sent before it.
        group.discard_proposals()
    if not isinstance(received, ReceivedApplication):
        return Cause.NO_CONTENT
    leaf = group.member(received.sender)
    author = None if leaf is None else read_credential(leaf.credential)
    if leaf is None or author is None or not _may_be(conversation, author, entry):
        return Cause.IMPOSTOR
    try:
        testimony = Testimony.decode(received.authenticated_data)
        said = _decode(conversation, author, entry, received.data)
        written = content.again(said, received.data, entry.message_id)
        message_id = content.message_id(entry.account, conversation.id, said, written)
    except PeerError:
        return Cause.NO_CONTENT
    if not conversation.read.add(entry.account, message_id):
        is_again = said.id is not None and entry.message_id != message_id
        return None if is_again else Cause.REPEATED
    if said.kind is ContentKind.KEY and not _is_key(conversation, said):
        return Cause.NO_CONTENT
    if _is_called(author, entry):
        standing = meet(conversation.user, entry.author, leaf.signature_key)
    else:
        accuse(conversation.user, author)
        standing = Standing.UNVERIFIED
    is_founder = said.act is Act.RETRACT and may_delete(entry.account, group.extensions)
    heard = Heard(
        said,
        entry.account,
        entry.seq,
        message_id,
        verified=standing is Standing.VERIFIED,
        is_founder=is_founder,
    )
    return _Opened(testimony, heard)


def _may_be(conversation: Conversation, author: Somebody, entry: EntryEvent) -> bool:
    """Whether ``author``, who has signed it, may be who the server says.

    By another name, too: it is not known then which of the two does not say the truth, unless we
    know the author by the nick that they say.
    """
    if author.account != entry.account:
        return False
    return _is_called(author, entry) or not is_pinned(conversation.user, author)


def _is_called(author: Somebody, entry: EntryEvent) -> bool:
    """Whether the server calls ``author`` what they say, apart from the mark of an old account."""
    return entry.author.removesuffix(OLD) == author.nick


def _decode(
    conversation: Conversation, author: Somebody, entry: EntryEvent, data: bytes
) -> Content:
    """What ``author`` says, under the name that they are called by. Raises :class:`PeerError`."""
    kinds = FITTING[conversation.record.kind]
    if _is_called(author, entry):
        said = content.decode(data, author.nick, kinds)
        return msgspec.structs.replace(said, nick=entry.author)
    claimed = content.parse(data).nick
    if claimed not in {author.nick, entry.author}:
        raise PeerError("a message names another author than its entry")
    said = content.decode(data, claimed, kinds)
    return msgspec.structs.replace(said, nick=account_name(author.account))


def _is_key(conversation: Conversation, said: Content) -> bool:
    return bool(conversation.record.gate) and len(said.sealed) == SECRET_SIZE


def _epoch_of(payload: bytes) -> int | None:
    """The epoch that a message says it is of; None if it is none."""
    try:
        message = decode_message(payload)
    except PeerError:
        return None
    return message.epoch if isinstance(message, PrivateMessage) else None


def _is_hidden(conversation: Conversation, entry: EntryEvent) -> bool:
    return conversation.user.ignored.hides(conversation.id, entry.account)


def _show(conversation: Conversation, entry: EntryEvent, opened: _Opened) -> None:
    user, heard = conversation.user, opened.heard
    said, place, message_id = heard.said, conversation.hex, heard.message_id
    # What somebody deletes has to go, whether the user hears of them or not.
    is_remark = said.kind is not ContentKind.SECRET and said.act in {Act.RETRACT, Act.SET_TIMER}
    is_heard = said.kind is ContentKind.KEY or is_remark
    is_hidden = _is_hidden(conversation, entry)
    if is_hidden and not is_heard:
        return
    if said.kind is ContentKind.SECRET:
        secret = Sealed(
            said.nick,
            said.date,
            entry.seq,
            said.sealed,
            heard.verified,
            conversation.id,
            message_id,
        )
        number = user.strongbox.keep(secret)
        conversation.bookmark.note(mention=False)
        user.emit(Secret(number, said.nick, said.date, heard.verified, place, message_id.hex()))
    elif said.kind is ContentKind.KEY:
        nick, text = ("", "") if is_hidden else (said.nick, said.message)
        conversation.key.offer(entry.account, Offer(said.sealed, nick, text))
        conversation.keep()
    else:
        hear(conversation, replace(heard, is_hidden=is_hidden))


def _compare(conversation: Conversation, entry: EntryEvent, testimony: Testimony) -> None:
    """Tell if the author has seen another log than we have, or wrote more than we got."""
    record = conversation.record
    if (
        testimony.running != UNKNOWN
        and record.position.agrees(testimony.seq, testimony.running) is False
        and entry.account not in conversation.accused
        and not _is_hidden(conversation, entry)
    ):
        conversation.accused.add(entry.account)
        conversation.explain(Cause.OTHER_HISTORY, author=entry.author)
    seen, missing = count(record.seen.get(entry.account), testimony)
    record.seen[entry.account] = seen
    conversation.keep()
    if missing and not _is_hidden(conversation, entry):
        conversation.explain(Cause.GAP, author=entry.author, count=missing)
