"""What somebody has said, ourselves or another: where it belongs, and who is told."""

from dataclasses import dataclass

from geventim.chat.values import Kind
from geventim.client.conversation import away, doubtful, pictures, read_marks
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.mentions import mentions
from geventim.client.history.altered import Altered
from geventim.client.history.pages import Utterance
from geventim.client.history.reading import Told
from geventim.client.said.aside import read_aside
from geventim.client.said.changes import read_change
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.content import Act, Content, bound
from geventim.client.user import User
from geventim.errors import PeerError
from geventim.mls.ground.extensions import Extension


@dataclass(frozen=True, slots=True)
class Heard:
    """What the ``account`` ``said`` in the entry ``seq``, and which message that is.

    ``verified``: the user has compared their safety number. ``is_founder``: they have made the
    group that it was said to. ``is_hidden``: the user wants to hear nothing of them.
    """

    said: Content
    account: bytes
    seq: int
    message_id: bytes
    verified: bool = False
    is_founder: bool = False
    is_hidden: bool = False

    def __repr__(self) -> str:
        return f"<heard in entry {self.seq}>"


def hear(conversation: Conversation, heard: Heard) -> Told | None:
    """Take what was said, but for secrets and keys, to where it belongs.

    What was written down is returned, if something was.
    """
    match heard.said.act:
        case Act.SAY | Act.UNKNOWN:
            return _write_down(conversation, heard)
        case Act.EDIT | Act.RETRACT | Act.REACT:
            _change(conversation, heard)
        case Act.SET_TIMER:
            _set_timer(conversation, heard)
        case Act.READ:
            # Nobody has read what comes later.
            seq = min(heard.said.read or 0, heard.seq)
            read_marks.note(conversation, heard.said.nick, heard.account, seq)
        case Act.AWAY if heard.account != conversation.user.account:
            away.note(conversation, heard.said.nick, heard.account, heard.said.away or "")
    return None


def may_delete(account: bytes, extensions: tuple[Extension, ...]) -> bool:
    """Whether an account may delete what others wrote: the founder of a group may."""
    try:
        charter = Charter.read(extensions)
    except PeerError:
        return False
    return charter.kind is Kind.GROUP and charter.founder == account


def is_founder_of(conversation: Conversation) -> bool:
    """Whether the user may delete there what others wrote."""
    seat, account = conversation.seat, conversation.user.account
    return seat is not None and may_delete(account, seat.public.context.extensions)


def _write_down(conversation: Conversation, heard: Heard) -> Told:
    said, user = heard.said, conversation.user
    is_own = heard.account == user.account
    told = user.history.add(
        conversation.id,
        conversation.name,
        kind=said.kind,
        nick=said.nick,
        text=said.message,
        date=said.date,
        seq=heard.seq,
        verified=heard.verified,
        message_id=heard.message_id,
        account=heard.account,
        aside=read_aside(said),
        read_at=user.clock() if is_own else 0,
    )
    if is_own:
        user.transfers.note_written(heard.message_id, heard.seq)
    else:
        mention = calls(user, told.utterance)
        if not told.utterance.beside.retracted:
            conversation.bookmark.note(mention=mention)
        user.emit(told.event(mention=mention))
        away.ask(conversation, said.message)
        pictures.fetch(conversation, told)
    return told


def _change(conversation: Conversation, heard: Heard) -> None:
    change = read_change(heard.said, heard.account, heard.seq, is_founder=heard.is_founder)
    if change is None:
        return
    for altered in conversation.user.history.change(conversation.id, change):
        tell_altered(conversation, altered)


def tell_altered(conversation: Conversation, altered: Altered) -> None:
    """Tell the user what a change has made of a message, which may count as unread no more."""
    user, before, after = conversation.user, altered.before, altered.after
    if after.account != user.account:
        unread = bool(before.beside.retracted) - bool(after.beside.retracted)
        mentions = calls(user, after) - calls(user, before)
        conversation.bookmark.recount(after.order, unread, mentions)
    if after.beside.retracted:
        doubtful.drop(conversation, altered.change.about)
        conversation.bookmark.unquote(before.text)
    user.tell_altered(altered)


def calls(user: User, said: Utterance) -> bool:
    """Whether a message calls the user."""
    return mentions(said.text, user.nick, user.preferences.values.highlights)


def _set_timer(conversation: Conversation, heard: Heard) -> None:
    """Have what is said from now on deleted after so long: as who was last in the log says."""
    record, said = conversation.record, heard.said
    if heard.seq <= record.timer_set:
        return
    was, record.timer_set, record.timer = record.timer, heard.seq, bound(said.timer or 0)
    line, is_own = conversation.timer_line, heard.account == conversation.user.account
    if heard.is_hidden:
        line.drop()
    elif is_own or line.is_waiting or record.timer != was:
        line.put(said.nick, said.date, is_own=is_own)
    conversation.keep()
