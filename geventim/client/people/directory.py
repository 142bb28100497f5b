"""Who is called what: what the server has said, against what members say of themselves.

A leaf may say any nick: whether a commit counts is no question of how a name looks, nor of what
the server says. So a nick that a leaf says is believed where the server says the same of its
account. Who is said to be somebody else, or to be nobody, goes by their account.
"""

from collections.abc import Iterator
from typing import Final

from geventim.chat.names import OLD
from geventim.client.people.credentials import Somebody

LIMIT: Final = 16_384
"""Accounts of which it is remembered what was said; the oldest are forgotten first."""

WAITING: Final = 256
"""People about whom the server is still to be asked; others are known once they speak."""

DIGITS: Final = 16
"""Hexadecimal digits of an account that are shown: nobody finds another with the same ones."""


def account_name(account: bytes) -> str:
    """What somebody is called whose nick is not believed; it has a space, which no nick has."""
    return f"account {account.hex()[:DIGITS]}"


class Directory:
    """What is said of accounts since the program began."""

    def __init__(self, limit: int = LIMIT, waiting: int = WAITING) -> None:
        self._limit = limit
        self._most_waiting = waiting
        self._declared: dict[bytes, str] = {}
        self._claims: dict[bytes, tuple[str, bytes]] = {}
        self._accused: set[bytes] = set()

    def declare(self, account: bytes, nick: str) -> None:
        """The server says that ``account`` is called ``nick``; empty for nothing it would say."""
        self._declared.pop(account, None)
        self._declared[account] = nick
        self._claims.pop(account, None)
        if len(self._declared) > self._limit:
            del self._declared[next(iter(self._declared))]

    def agrees(self, somebody: Somebody) -> bool | None:
        """Whether the server calls them what they say; None where it was not asked."""
        declared = self._declared.get(somebody.account)
        return None if declared is None else declared.removesuffix(OLD) == somebody.nick

    def spell(self, somebody: Somebody) -> str:
        """The nick of somebody, marked if another account may have it by now."""
        declared = self._declared.get(somebody.account, "")
        return declared if declared == somebody.nick + OLD else somebody.nick

    def claim(self, somebody: Somebody, identity: bytes) -> None:
        """Have the server asked about the name of somebody with this identity key."""
        if len(self._claims) < self._most_waiting:
            self._claims[somebody.account] = somebody.nick, identity

    def claims(self) -> Iterator[tuple[Somebody, bytes]]:
        """Those about whom the server is to be asked, until it was."""
        while self._claims:
            account, (nick, identity) = next(iter(self._claims.items()))
            yield Somebody(account, nick), identity

    @property
    def asks(self) -> bool:
        """Whether there is anybody."""
        return bool(self._claims)

    def forget_claims(self) -> None:
        """Ask about nobody: they are known once they speak."""
        self._claims.clear()

    def accuse(self, account: bytes) -> bool:
        """Whether it is news that ``account`` goes by a nick that is not theirs."""
        is_news = account not in self._accused
        if is_news and len(self._accused) < self._limit:
            self._accused.add(account)
        return is_news
