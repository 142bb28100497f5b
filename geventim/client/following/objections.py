"""Telling others that they are not where we are, and being told.

Either side may be wrong, or lie. Who tells gives its state along, and each is listened to once in a
while: so whoever is there is heard in the end, however many lie.
"""

from dataclasses import dataclass
from typing import Any, Final

from geventim.chat.replies import EntryEvent, Voided
from geventim.chat.values import EntryKind
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.witnesses import Offer
from geventim.client.following import vouching
from geventim.client.following.arrival import CONTESTED, INTERVAL, heed
from geventim.client.following.entries import Verdict
from geventim.client.kept.stages import Stage

TELLING: Final = 60.0
"""Seconds after which nobody is told any more."""

UNTOLD: Final = 16
"""Authors whose last entry of that kind is remembered until we are in step ourselves."""


@dataclass(frozen=True, slots=True, order=True)
class _Useless:
    """An entry of somebody else, as of ``time``: a commit, or else a message."""

    seq: int
    time: float
    is_commit: bool


class Objections:
    """What is said in one ``conversation`` about entries that are of no use where somebody is."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._clock = conversation.user.clock
        self._untold: dict[bytes, _Useless] = {}
        self._told: dict[bytes, float] = {}
        self._heard: dict[bytes, tuple[int, Offer]] = {}
        self.wake_at: float | None = None

    def reset(self) -> None:
        """The connection is gone, and with it what was heard."""
        self._heard.clear()
        self.wake_at = None

    def note(self, entry: EntryEvent, verdict: Verdict, *, settled: bool) -> None:
        """See who is where we are, and whom to tell that it is not.

        Until we have ``settled``, those are told only whose commits do not count.
        """
        author, conversation = entry.account, self._conversation
        if conversation.seat is None or author == conversation.user.account:
            return
        if entry.kind is EntryKind.COMMIT and verdict is Verdict.TAKEN:
            # Whoever has come here since means nothing of what they said from elsewhere.
            self._heard.pop(author, None)
            self._untold.pop(author, None)
            conversation.witnesses.note(author, entry.seq)
        elif verdict is Verdict.VOID and (entry.kind is EntryKind.COMMIT or settled):
            self._untold.pop(author, None)
            is_commit = entry.kind is EntryKind.COMMIT
            self._untold[author] = _Useless(entry.seq, self._clock(), is_commit)
            _shorten(self._untold, UNTOLD)

    def tell(self) -> None:
        """Tell them, now that we have settled, and as soon as we are in step.

        Who was away tells those too who came meanwhile: maybe nobody else could.
        """
        conversation = self._conversation
        if not self._untold or not conversation.in_step:
            return
        now, untold, self._untold = self._clock(), self._untold, {}
        if conversation.record.entered and conversation.record.contested:
            # As far as we know, it is we who are elsewhere.
            return
        for author, entry in sorted(untold.items(), key=lambda item: item[1]):
            if now - entry.time < TELLING and (entry.is_commit or self._may_tell(author, now)):
                vouching.call_void(conversation, entry.seq)

    def _may_tell(self, author: bytes, now: float) -> bool:
        """Whether ``author`` is told of a message, which is so once in a while."""
        if now - self._told.get(author, 0.0) < INTERVAL:
            return False
        self._told.pop(author, None)
        self._told[author] = now
        _shorten(self._told, UNTOLD)
        return True

    def hear(self, event: Voided, group_info: bytes) -> None:
        """Somebody says that an entry of ours is of no use."""
        conversation, offer = self._conversation, Offer(event.account, group_info)
        if conversation.seat is not None or conversation.pending is not None:
            self._heard.pop(event.account, None)
            self._heard[event.account] = event.seq, offer
            _shorten(self._heard, conversation.user.measures.givers)
        elif conversation.stage is Stage.OUTSIDE and conversation.witnesses.offered is None:
            conversation.witnesses.offered = offer

    def weigh(self) -> None:
        """Go where others say that the group is, if they may be right."""
        conversation = self._conversation
        witnesses, self.wake_at = conversation.witnesses, None
        if conversation.seat is None:
            return
        interval = INTERVAL if conversation.record.entered else CONTESTED
        for account, (seq, offer) in tuple(self._heard.items()):
            if not vouching.contradicts(conversation, seq, account, offer.group_info):
                del self._heard[account]
            elif witnesses.hear(account, interval):
                del self._heard[account]
                heed(conversation, offer)
                return
            else:
                due = witnesses.heard_at(account, interval)
                self.wake_at = due if self.wake_at is None else min(due, self.wake_at)


def _shorten(remembered: dict[bytes, Any], most: int) -> None:
    """Forget what was remembered first, if that is too much."""
    if len(remembered) > most:
        del remembered[next(iter(remembered))]
