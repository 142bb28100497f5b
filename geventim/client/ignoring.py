"""People whom the user does not want to hear of.

What they write is read like everything else, since others build on it, and then shown nowhere and
not kept. What they add the user to is left unseen: the user is a member there as far as the server
knows, and never joins. Neither they nor the server are told.
"""

from typing import Final

from geventim.chat.names import check_name, fold
from geventim.chat.replies import Found
from geventim.chat.requests import LookUp
from geventim.client.context import Context, is_name
from geventim.client.effects import Operation, ask
from geventim.client.events import Notice, Speaker
from geventim.client.memory import Memory
from geventim.errors import PeerError, UserError

PERSON: Final = "ignored/"
"""Under this and an account id, the nick."""

UNSEEN: Final = "unseen/"
"""Under this and its id, a conversation that was not joined."""


class Ignored:
    """Those who are ignored, as they are in ``memory``."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        kept = memory.inside(PERSON)
        self._nicks = {bytes.fromhex(account): nick.decode() for account, nick in kept}

    @property
    def nicks(self) -> list[str]:
        """Their nicks, sorted."""
        return sorted(self._nicks.values(), key=fold)

    def add(self, account: bytes, nick: str) -> None:
        """Hear nothing of somebody from now on."""
        self._nicks[account] = nick
        self._memory.put(PERSON + account.hex(), nick.encode())

    def drop(self, nick: str) -> str | None:
        """Hear of ``nick`` again: the nick as it is written; None if there is no such person."""
        for account, known in list(self._nicks.items()):
            if fold(known) == fold(nick):
                del self._nicks[account]
                self._memory.drop(PERSON + account.hex())
                return known
        return None

    def has(self, account: bytes) -> bool:
        """Whether the one with this account is ignored."""
        return account in self._nicks

    def has_nick(self, nick: str) -> bool:
        """Whether the one who is called that is ignored."""
        return bool(self._nicks) and fold(nick) in map(fold, self._nicks.values())

    def pass_over(self, conversation: bytes) -> None:
        """Leave a conversation unseen."""
        self._memory.put(UNSEEN + conversation.hex(), b"")

    def enter(self, conversation: bytes) -> None:
        """The user is in a conversation now, whoever has added them before."""
        self._memory.drop(UNSEEN + conversation.hex())

    def hides(self, conversation: bytes, author: bytes) -> bool:
        """Whether the user hears nothing of what ``author`` does in a conversation."""
        return self.has(author) or self._memory.get(UNSEEN + conversation.hex()) is not None


def ignore(context: Context, nick: str) -> Operation:
    """Hear nothing of ``nick`` from now on."""
    nick = check_name(nick)
    if fold(nick) == fold(context.nick):
        raise UserError("to_oneself", "You cannot ignore yourself.")
    person = (yield from ask(Found, LookUp(id=0, nick=nick))).person
    if not is_name(person.nick) or fold(person.nick) != fold(nick):
        raise PeerError("somebody was asked for, and somebody else found")
    context.ignored.add(person.account, person.nick)
    text = f"You hear nothing of {person.nick} any more. '@unignore {person.nick}' ends that."
    context.emit(Notice(text, speaker=Speaker.CLIENT))


def unignore(context: Context, nick: str) -> Operation:
    """Hear of ``nick`` again."""
    known = context.ignored.drop(nick)
    if known is None:
        raise UserError("not_ignored", f"You do not ignore '{nick}'.", "@ignore lists whom you do.")
    context.emit(Notice(f"You hear of {known} again.", speaker=Speaker.CLIENT))
    yield from ()


def list_ignored(context: Context) -> Operation:
    """Say who is ignored."""
    text = f"Ignored: {', '.join(context.ignored.nicks) or 'nobody'}"
    context.emit(Notice(text, speaker=Speaker.CLIENT))
    yield from ()
