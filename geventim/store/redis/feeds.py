"""The feeds of Redis, and what its nodes agree about."""

import os
from typing import Final

from geventim.errors import StoreError
from geventim.log.shared import Item
from geventim.store.redis import layout, scripts
from geventim.store.redis.bounds import USUAL, Bounds
from geventim.store.redis.layout import key
from geventim.store.redis.link import RedisLink

NODE_SIZE: Final = 8
"""Bytes in the name that a node gives itself when it starts."""

LEASE_SIZE: Final = 8

COUNT: Final = 256
"""Items read together."""

LOOKS: Final = 1_000
"""Looks at feeds that a node may have in a second."""

CAREFUL_LOOKS: Final = 250
"""The same where replicas are waited for, which makes a look about four times as dear."""


class RedisFeeds:
    """What the nodes behind ``link`` say, read by the one that calls itself ``node``.

    It waits as long as ``bounds`` say.
    """

    def __init__(self, link: RedisLink, bounds: Bounds = USUAL) -> None:
        self._link = link
        self._bounds = bounds
        self.node = os.urandom(NODE_SIZE)
        self.looks = CAREFUL_LOOKS if link.replicas else LOOKS

    def last(self, feed: str) -> Item | None:
        """The last item, if there is one."""
        found = self._link.ask("XREVRANGE", feed, "+", "-", "COUNT", 1)
        return _item(*found[0]) if found else None

    def read(self, feed: str, after: int) -> list[Item]:
        """Items above ``after``, if some are kept or come soon."""
        position = f"0-{after}"
        wait = self._bounds.wait
        found = self._link.ask(
            "XREAD", "COUNT", COUNT, "BLOCK", wait, "STREAMS", feed, position, home=feed
        )
        items = [_item(*item) for item in found[0][1]] if found else []
        if items and self._link.replicas and feed != layout.BOARD:
            self._confirm(feed, items[-1])
        return items

    def _confirm(self, feed: str, item: Item) -> None:
        """Wait until ``item`` is with the replicas: nobody may see what can still be taken back."""
        name = f"0-{item.number}"
        found = self._link.write("XRANGE", feed, name, name)
        if [_item(*each) for each in found] != [item]:
            raise StoreError("a feed has changed while it was read")

    def post(self, data: bytes) -> None:
        """Put ``data`` on the board."""
        values = ("MAXLEN", "~", scripts.KEPT, "0-*", "n", self.node, "a", data)
        self._link.ask("XADD", layout.BOARD, *values)

    def acquire(self, conversation: bytes, seconds: float) -> bytes | None:
        """See :meth:`geventim.log.shared.SharedStore.acquire`."""
        lease = os.urandom(LEASE_SIZE)
        keys = (key("turn", conversation), key("wanted", conversation))
        values = (lease, round(seconds * 1000), self.node, self._bounds.wanted)
        acquired = self._link.ask("EVAL", scripts.ACQUIRE, 2, *keys, *values)
        return lease if acquired else None

    def release(self, conversation: bytes, lease: bytes) -> None:
        """Let another node have the turn, unless it has it already."""
        self._link.ask("EVAL", scripts.GIVE_BACK, 1, key("turn", conversation), lease)

    def agree(self, server_key: bytes) -> bytes:
        """See :meth:`geventim.log.shared.SharedStore.agree`."""
        self._link.write("SET", layout.SERVER, server_key, "NX")
        agreed: bytes = self._link.ask("GET", layout.SERVER)
        return agreed


def _item(name: bytes, fields: dict[bytes, bytes]) -> Item:
    """The item that a stream calls ``0-NUMBER``."""
    return Item(int(name.partition(b"-")[2]), fields[b"n"], fields[b"a"])
