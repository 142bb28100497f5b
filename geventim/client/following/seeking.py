"""Being out of step: asking for help, and when to get in anew because there is none.

We ask about the epoch that the group is in now, again and again, and about those of the last hour
whose messages are still closed. Everything that comes in answer may be a lie: what does not fit one
of our asks is dropped at once, and each lie that does costs us no more than its decryption.
"""

from dataclasses import dataclass, field
from typing import Final

from geventim.chat.replies import Ok, Reply
from geventim.chat.requests import Ask as AskRequest
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.helping import AGE, REPETITION
from geventim.client.conversation.owing import Committer
from geventim.client.following import messages
from geventim.client.kept.stages import HELPABLE, Move
from geventim.client.sealing.asking import Help, make_ask
from geventim.client.sealing.engine import SUITE
from geventim.client.sealing.outlooks import Outlook
from geventim.client.steps.effects import Ask
from geventim.crypto.dh import PrivateKey
from geventim.errors import PeerError
from geventim.mls.epochs.vantage import Vantage, common_level

GRACE: Final = 0.5
"""Seconds that whoever has committed last has in any case to help us."""

REST: Final = 3600.0
"""Seconds in which the commits of one account put that off once."""

COUNT: Final = 255
"""The highest number of repetitions that an ask can say."""

SPACING: Final = 0.15
"""Seconds between two asks, since a server tells one of each member at a time."""

PAST_COUNT: Final = 4
"""How often we ask about an epoch that is past, on one connection."""


@dataclass(slots=True)
class _Asking:
    """Asking about the epoch at ``vantage``, so often until now, and next at ``due``.

    ``base`` is the commit that the epoch began with, ``key`` what answers are sealed to.
    """

    vantage: Vantage
    base: int
    key: PrivateKey = field(repr=False)
    due: float = 0
    count: int = 0
    lies: int = 0

    @property
    def history(self) -> bytes:
        """What tells the epoch from all others."""
        return self.vantage.public.interim_transcript_hash


class Seeker:
    """Brings one conversation back in step."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._user = conversation.user
        self._present: _Asking | None = None
        self._past: dict[int, _Asking] = {}
        self._deadline: float | None = None
        self._free_at = 0.0
        self._base = 0
        self._delayed: dict[bytes, float] = {}

    @property
    def is_due(self) -> bool:
        """Whether to get in anew, since nobody helps or could."""
        seat = self._conversation.seat
        if seat is None or not seat.is_ours:
            return True
        return self._deadline is not None and self._user.clock() >= self._deadline

    @property
    def looks_back(self) -> bool:
        """Whether somebody may still help with an epoch that is past."""
        return any(past.count < PAST_COUNT for past in self._past.values())

    @property
    def wake_at(self) -> float | None:
        """When something is due, in seconds since the epoch."""
        times = [max(each.due, self._free_at) for each in self._open()]
        if self._deadline is not None:
            times.append(self._deadline)
        return min(times, default=None)

    def reset(self) -> None:
        """The connection is gone, and with it what was asked."""
        self._present = self._deadline = None
        self._past.clear()

    def poll(self) -> None:
        """Ask, if it is time to. The log was read to its end."""
        self._look_back()
        self._look_at()
        for asking in self._open():
            now = self._user.clock()
            if asking.due <= now and self._free_at <= now:
                self._ask(asking)

    def _look_at(self) -> None:
        """Ask about the epoch that the group is in, if we lack its secrets."""
        conversation = self._conversation
        seat = conversation.seat
        if conversation.stage not in HELPABLE or seat is None or not seat.is_ours:
            self._present = self._deadline = None
            return
        vantage, base = seat.vantage, conversation.record.base
        self._set_deadline(vantage, base)
        history = vantage.public.interim_transcript_hash
        if self._present is None or self._present.history != history:
            self._present = self._begin(vantage, base)

    def _begin(self, vantage: Vantage, base: int) -> _Asking:
        return _Asking(vantage, base, SUITE.generate_key_pair(self._user.random))

    def _open(self) -> list[_Asking]:
        """What we ask, the present first."""
        past = [each for each in self._past.values() if each.count < PAST_COUNT]
        return past if self._present is None else [self._present, *past]

    def take(self, payload: bytes) -> None:
        """Take what came in answer."""
        try:
            help_ = Help.decode(payload)
        except PeerError:
            return
        self._look_back()
        self._look_at()
        present = self._present
        if present is not None and present.key.public == help_.key:
            secret = self._unseal(present, help_)
            if secret is not None:
                self._open_present(secret)
            return
        for past in tuple(self._past.values()):
            if past.key.public == help_.key:
                secret = self._unseal(past, help_)
                if secret is not None:
                    self._open_past(past, secret)

    def _unseal(self, asking: _Asking, help_: Help) -> bytes | None:
        if asking.lies >= self._user.measures.lies:
            return None
        asking.lies += 1
        try:
            return help_.open(asking.vantage, asking.key)
        except PeerError:
            return None

    def _open_present(self, secret: bytes) -> None:
        conversation = self._conversation
        if conversation.stage in HELPABLE and _be_helped(conversation, secret):
            self._present = self._deadline = None
            messages.open_closed(conversation, conversation.group)

    def _open_past(self, past: _Asking, secret: bytes) -> None:
        conversation = self._conversation
        try:
            group = self._user.engine.enter_epoch(past.vantage, secret, 0)
        except PeerError:
            return
        messages.open_closed(conversation, group)
        self._give_up(group.epoch)

    def _look_back(self) -> None:
        """Ask about the epochs of the last hour whose messages are closed."""
        conversation = self._conversation
        if not len(conversation.outlooks):
            return
        now, closed = self._user.clock(), conversation.closed.epochs()
        for outlook in conversation.outlooks:
            if outlook.epoch not in closed or now - outlook.ended > AGE:
                self._give_up(outlook.epoch)
                conversation.closed.take(outlook.epoch)
            elif outlook.epoch not in self._past:
                self._past[outlook.epoch] = self._asked(outlook)

    def _asked(self, outlook: Outlook) -> _Asking:
        """What we ask about an epoch that has ended; as before, if we asked while it was present.

        What answers that may still be on its way, and there will be no other from who gave it.
        """
        present = self._present
        if present is None or present.history != outlook.vantage.public.interim_transcript_hash:
            return self._begin(outlook.vantage, outlook.base)
        present.count = 0
        return present

    def _give_up(self, epoch: int) -> None:
        self._past.pop(epoch, None)
        self._conversation.outlooks.drop(epoch)

    def _set_deadline(self, vantage: Vantage, base: int) -> None:
        """See until when to wait for help: the nearest to who shut us out comes first.

        Another commit puts that off, but not for ever.
        """
        committer, now = self._conversation.committer, self._user.clock()
        is_new, self._base = base != self._base, base
        if self._deadline is not None and not (is_new and self._may_delay(committer)):
            if is_new:
                self._deadline = max(self._deadline, now + GRACE)
            return
        level = 1
        if committer is not None:
            self._delayed[committer.account] = now
            level = common_level(vantage.own_index, committer.index)
        self._deadline = (
            now + self._user.measures.out_of_step + self._conversation.owing.wait(level)
        )

    def _may_delay(self, committer: Committer | None) -> bool:
        if committer is None:
            return False
        delayed = self._delayed.get(committer.account)
        return delayed is None or self._user.clock() - delayed >= REST

    def _ask(self, asking: _Asking) -> None:
        now = self._user.clock()
        asking.due, self._free_at = now + REPETITION, now + SPACING
        payload = make_ask(asking.vantage, asking.key.public, min(asking.count, COUNT))
        asking.count += 1
        request = AskRequest(
            id=0,
            conversation=self._conversation.id,
            seq=asking.base,
            payload=len(payload),
        )
        self._user.ways.exchange.send(Ask(request, Ok, payload), _ignore)


def _ignore(_: Reply, __: bytes) -> None:
    """Whether anybody helps is seen by what comes."""


def _be_helped(conversation: Conversation, member_secret: bytes) -> bool:
    """Be in step again, if that is the member secret of the epoch."""
    seat, record = conversation.seat_of(), conversation.record
    transcript = seat.public.context.confirmed_transcript_hash
    generation = record.sealed if record.sealed_in == transcript else 0
    try:
        group = conversation.user.engine.enter_epoch(seat.vantage, member_secret, generation)
    except PeerError:
        return False
    seat.enter(group)
    record.renewed = 0
    conversation.settle_on(record.base)
    conversation.move(Move.HELP)
    conversation.helper.remember(group, is_own=False)
    return True
