"""People of whom the user does not want to hear, and what they have added the user to."""

from typing import Final

from geventim.chat.names import fold
from geventim.client.kept.memory import Memory

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
