"""What each account makes a Redis keep.

It is counted beside the logs, which are in other slots of a cluster: what a node has begun to write
when it dies may be missing from the count.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from geventim.chat.values import Entry
from geventim.store import rules
from geventim.store.redis.layout import key
from geventim.store.redis.link import Command, RedisLink


def counting(entries: Iterable[Entry], sign: int) -> list[Command]:
    """The commands that count ``entries``, or with a negative ``sign`` no longer count them."""
    weights: Counter[bytes] = Counter()
    for entry in entries:
        weights[entry.author] += sign * rules.weight(entry)
    return [
        ("INCRBY", key("stored", account), weight) for account, weight in weights.items() if weight
    ]


class RedisUsage:
    """The usage of accounts behind ``link``."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    def discount(self, entries: Iterable[Entry]) -> None:
        """Count ``entries`` no longer."""
        commands = counting(entries, -1)
        if commands:
            self._link.ask_all(commands)

    def stored(self, account: bytes) -> int:
        """Bytes of messages that ``account`` has written."""
        return int(self._link.ask("GET", key("stored", account)) or 0)

    def created(self, account: bytes) -> list[bytes]:
        """The rooms and groups that ``account`` has created, also those that were deleted."""
        return list(self._link.ask("HVALS", key("made", account)))

    def likely(self, accounts: Sequence[bytes], places: int) -> list[bytes]:
        """Those of ``accounts`` that ever were members of so many conversations."""
        counts = self._link.ask_all([("SCARD", key("of", account)) for account in accounts])
        return [each for each, count in zip(accounts, counts, strict=True) if count >= places]
