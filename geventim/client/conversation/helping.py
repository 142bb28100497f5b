"""Helping others who cannot open a commit: the secrets of the last hour, and who asks for them.

What somebody asks costs no more than a look at a table until it is clear that we are the one to
answer it; and each member gets one answer about each epoch, whatever it sends. The same bytes are
sent again a few times, since an answer can be lost.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from geventim.chat.limits import ASK_SIZE, GROUP_LEAVES
from geventim.chat.replies import Ok, Reply
from geventim.chat.requests import Help
from geventim.client.people.credentials import read_credential
from geventim.client.sealing.asking import UnverifiedAsk, make_help
from geventim.client.steps.effects import Ask
from geventim.client.user import User
from geventim.errors import PeerError
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.groups.group import Group

AGE: Final = 3600.0
"""Seconds after which we do not any more."""

ANSWERS: Final = 4
"""How many members answer one that asks, on average, besides the author of the commit; as many the
second time, and twice as many each time after that."""

DOUBLINGS: Final = 16
"""Repetitions after which all answer, of however many members."""

REPETITION: Final = 0.5
"""Seconds between one asking and the next."""

WAITING: Final = 3.0
"""Seconds for which one that we cannot help yet is remembered."""

RESENT: Final = 3
"""How often an answer is sent again."""

SPAN: Final = 1.0
"""Seconds in which everybody has asked who lacks an epoch."""

UNANSWERED: Final = 2
"""Repetitions after which an answer is sent again: it may just be on its way."""


@dataclass(slots=True)
class _Answer:
    """What was answered: the ``payload``, sealed to the one-time ``key`` of an ask.

    It is sent again ``left`` times at most, for an ask that was made oftener than ``count`` times.
    """

    key: bytes
    count: int
    payload: bytes
    left: int = RESENT


class _Askers:
    """Who asks these days, without looking at each when they are counted."""

    def __init__(self) -> None:
        self._begun = 0.0
        self._now: set[bytes] = set()
        self._before: set[bytes] = set()

    def note(self, account: bytes, now: float) -> None:
        """``account`` asks ``now``."""
        self._turn(now)
        self._now.add(account)

    def count(self, now: float) -> int:
        """How many have asked within a second, or two."""
        self._turn(now)
        return max(len(self._now), len(self._before))

    def _turn(self, now: float) -> None:
        passed = now - self._begun
        if not 0 <= passed < SPAN:
            self._before = self._now if 0 <= passed < 2 * SPAN else set()
            self._now, self._begun = set(), now


@dataclass(slots=True)
class _Epoch:
    """An epoch with which we can help since ``at``; ``answered`` has the accounts that asked."""

    public: PublicState
    secret: bytes = field(repr=False)
    at: float
    is_own: bool
    answered: set[bytes] = field(default_factory=set)
    askers: _Askers = field(default_factory=_Askers)


class Helper:
    """Helps the other members of a conversation, as far as this process was in step with it."""

    def __init__(self, user: User, conversation: bytes) -> None:
        self._user = user
        self._conversation = conversation
        self._epochs: dict[bytes, _Epoch] = {}
        self._waiting: dict[bytes, tuple[float, UnverifiedAsk]] = {}
        self._answers: OrderedDict[tuple[bytes, bytes], _Answer] = OrderedDict()

    def remember(self, group: Group, *, is_own: bool) -> None:
        """Be able to help with the present epoch, which began with our own commit if ``is_own``.

        Answers those who have asked about it already.
        """
        secret, public = group.member_secret, group.vantage.public
        if secret is None:
            return
        now = self._user.clock()
        self._epochs[public.interim_transcript_hash] = _Epoch(public, secret, now, is_own)
        while len(self._epochs) > self._user.measures.epochs:
            del self._epochs[next(iter(self._epochs))]
        for account, (at, ask) in tuple(self._waiting.items()):
            if ask.history == public.interim_transcript_hash or now - at > WAITING:
                del self._waiting[account]
                if now - at <= WAITING:
                    self._answer(account, ask)

    def forget(self) -> None:
        """We are out, and help nobody any more."""
        self._epochs.clear()
        self._waiting.clear()
        self._answers.clear()

    def hear(self, account: bytes, data: bytes) -> None:
        """Take what a member asks. Nothing that is wrong with it is told to anybody."""
        if account == self._user.account or len(data) > ASK_SIZE:
            return
        try:
            ask = UnverifiedAsk.decode(data)
        except PeerError:
            return
        if ask.conversation != self._conversation:
            return
        epoch = self._epochs.get(ask.history)
        if epoch is not None:
            epoch.askers.note(account, self._user.clock())
            self._answer(account, ask)
        elif len(self._waiting) < GROUP_LEAVES or account in self._waiting:
            self._waiting[account] = self._user.clock(), ask

    def _answer(self, account: bytes, unverified: UnverifiedAsk) -> None:
        epoch = self._epochs[unverified.history]
        if self._user.clock() - epoch.at > AGE:
            del self._epochs[unverified.history]
            return
        if not self._is_drawn(epoch, unverified.count):
            return
        if account in epoch.answered:
            self._answer_again(account, unverified)
            return
        epoch.answered.add(account)
        try:
            ask = unverified.verify(epoch.public)
            if read_credential(ask.leaf.credential).account != account:
                return
            payload = make_help(epoch.public, ask, epoch.secret, self._user.random)
        except PeerError:
            return
        answer = _Answer(ask.key, ask.count, payload)
        self._answers[unverified.history, account] = answer
        if len(self._answers) > self._user.measures.helps:
            self._answers.popitem(last=False)
        self._send(account, payload)

    def _answer_again(self, account: bytes, ask: UnverifiedAsk) -> None:
        """Send what was sealed for the key of ``ask``, which was made once more."""
        answer = self._answers.get((ask.history, account))
        if answer is None or answer.key != ask.key:
            return
        if answer.left and ask.count >= answer.count + UNANSWERED:
            answer.left -= 1
            answer.count = ask.count
            self._send(account, answer.payload)

    def _send(self, account: bytes, payload: bytes) -> None:
        request = Help(id=0, conversation=self._conversation, account=account, payload=len(payload))
        self._user.ways.exchange.send(Ask(request, Ok, payload), _ignore)

    def _is_drawn(self, epoch: _Epoch, count: int) -> bool:
        """Whether we are among those who answer: the author always is.

        Who asks as well is not in step, and leaves it to fewer.

        Who says that it has asked often before has had the time for that.
        """
        members = epoch.public.tree.root.members - epoch.askers.count(self._user.clock())
        asked = int((self._user.clock() - epoch.at) / REPETITION) + 1
        share = ANSWERS << max(0, min(count, asked, DOUBLINGS) - 1)
        if epoch.is_own or share >= members:
            return True
        return int.from_bytes(self._user.random(4), "big") % members < share


def _ignore(_: Reply, __: bytes) -> None:
    """Whether help has arrived is seen by who asked."""
