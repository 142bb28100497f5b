"""What people say who are away, to those who write to them; nothing has to be done for it.

Whoever writes to the user, or calls them in a small group, is told once in each conversation; when
the user is back, those are who were told.
"""

from geventim.chat.values import Kind
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.mentions import mentions
from geventim.client.conversation.read_marks import are_told
from geventim.client.events import Away


def ask(conversation: Conversation, text: str) -> None:
    """Somebody else has written ``text``, and may want to know."""
    user = conversation.user
    if not user.away.text or conversation.record.kind is Kind.ROOM:
        return
    if conversation.record.kind is Kind.DM or mentions(text, user.nick):
        conversation.bookmark.want_away(user.away.turn)


def is_owed(conversation: Conversation) -> bool:
    """Whether there is something to be said there."""
    away, bookmark = conversation.user.away, conversation.bookmark
    if not away.text:
        return bookmark.away_told > 0
    return bookmark.away_wanted == away.turn != bookmark.away_told and are_told(conversation)


def told(conversation: Conversation, text: str) -> None:
    """The user has said that ``text`` there; meanwhile it may be another one."""
    away = conversation.user.away
    turn = away.turn if text == away.text else away.turn - 1
    conversation.bookmark.tell_away(turn if text else 0)


def note(conversation: Conversation, nick: str, account: bytes, text: str) -> None:
    """Take what somebody else says, where that is said."""
    if not are_told(conversation):
        return
    text = " ".join(text.split())
    if conversation.user.away.note(account, nick, text):
        place = conversation.hex
        conversation.user.emit(Away(nick, text, account.hex(), conversation.name, place))
