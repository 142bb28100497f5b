"""What the account is a member of, and how far it has read."""

from collections.abc import Callable
from functools import partial
from typing import Final

from geventim.chat.replies import ConversationInfo, EntryEvent, Error, Reply, Subscribed
from geventim.chat.requests import Subscribe
from geventim.client.context import is_name
from geventim.client.effects import Ask
from geventim.client.exchange import Exchange
from geventim.client.memory import Memory
from geventim.errors import PeerError

_CURSOR: Final = "cursor/"
_CURSOR_SIZE: Final = 8

NOT_A_MEMBER: Final = "not_a_member"
"""The server's word for a conversation that the account cannot read (any more)."""


class Conversations:
    """Subscribes to conversations and takes their entries, each once and in order.

    ``lost`` is called with a conversation whose log has become shorter than what was read of it.
    """

    def __init__(
        self, exchange: Exchange, memory: Memory, lost: Callable[[ConversationInfo], None]
    ) -> None:
        self._exchange = exchange
        self._memory = memory
        self._lost = lost
        self._known: dict[bytes, ConversationInfo] = {}

    def reset(self) -> None:
        """The connection is gone, and every subscription with it."""
        self._known.clear()

    def follow(self, info: ConversationInfo) -> None:
        """Have the entries delivered that come after what was read and are the account's.

        Raises :class:`PeerError` if the name is none.
        """
        if not is_name(info.name):
            raise PeerError("a conversation has a name that is none")
        known = self._known.get(info.id)
        if known is not None and known.since >= info.since:
            return
        self._known[info.id] = info
        after = max(self._cursor(info.id), info.since)
        self._advance(info.id, after)
        request = Subscribe(id=0, conversation=info.id, after=after)
        self._exchange.send(Ask(request, Subscribed), partial(self._subscribed, info, after))

    def take(self, entry: EntryEvent) -> ConversationInfo | None:
        """The conversation of ``entry`` if it is the next one; None if it was taken before.

        Raises :class:`PeerError` when an entry is missing before it.
        """
        info = self._known.get(entry.conversation)
        if info is None:
            raise PeerError("an entry of a conversation that was not asked for")
        cursor = self._cursor(entry.conversation)
        if entry.seq <= cursor:
            return None
        if entry.seq != cursor + 1:
            raise PeerError("an entry is missing")
        self._advance(entry.conversation, entry.seq)
        return info

    def acknowledge(self, conversation: bytes, seq: int) -> None:
        """Entry ``seq`` is the user's own.

        Where others are missing before it, it is left to be taken when it comes again with them.
        """
        if conversation in self._known and seq == self._cursor(conversation) + 1:
            self._advance(conversation, seq)

    def _subscribed(self, info: ConversationInfo, asked: int, reply: Reply) -> None:
        if isinstance(reply, Error):
            if reply.code != NOT_A_MEMBER:
                raise PeerError(f"a subscription was refused: {reply.code}")
            del self._known[info.id]
        elif isinstance(reply, Subscribed) and reply.after < asked:
            self._advance(info.id, reply.after)
            self._lost(info)
        elif isinstance(reply, Subscribed):
            self._advance(info.id, max(reply.after, self._cursor(info.id)))

    def _cursor(self, conversation: bytes) -> int:
        kept = self._memory.get(_CURSOR + conversation.hex())
        return int.from_bytes(kept or b"", "big")

    def _advance(self, conversation: bytes, cursor: int) -> None:
        if cursor != self._cursor(conversation):
            self._memory.put(_CURSOR + conversation.hex(), cursor.to_bytes(_CURSOR_SIZE, "big"))
