"""The user, as everything that is done for them needs to know them, and the ways out."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

from geventim.chat import names
from geventim.chat.values import ID_SIZE
from geventim.client.causes import Cause
from geventim.client.digest import Digest
from geventim.client.events import Deleted, Error, Event
from geventim.client.failures import Failures
from geventim.client.files.transfers import Transfers
from geventim.client.history.altered import Altered
from geventim.client.history.history import History
from geventim.client.kept.away import Away
from geventim.client.kept.letters import Letters
from geventim.client.kept.memory import Memory
from geventim.client.kept.preferences import Preferences
from geventim.client.kept.strongbox import Strongbox
from geventim.client.kept.tickets import Tickets
from geventim.client.labels import Labels
from geventim.client.measures import Measures
from geventim.client.people.directory import Directory
from geventim.client.people.ignored import Ignored
from geventim.client.people.profile import EXPORTED, MOVED_OUT, Profile
from geventim.client.people.trust import Trust
from geventim.client.sealing.engine import Engine
from geventim.client.sealing.key_packages import KeyPackages
from geventim.client.setback import Setback
from geventim.client.steps.clocks import Clocks
from geventim.client.steps.ways import Ways

NAMES_CACHED = 4_096

SEVERAL = 2
"""Authors from which on it makes no difference how many they are."""

is_name = functools.lru_cache(NAMES_CACHED)(names.is_name)
"""Whether what a server calls a name is one; asked for every entry, so the answer is kept."""
is_known_nick = functools.lru_cache(NAMES_CACHED)(names.is_known_nick)
"""Whether what a server calls somebody is a name, or that of an old account."""


@dataclass(slots=True)
class User:
    """Who somebody is here, what is kept for them, and how they are reached.

    ``clock`` is :meth:`.Clocks.now` of ``clocks``, ``random`` gives so many unpredictable bytes,
    and ``emit`` tells the user. ``signature_key`` is that of the server. ``touched`` are the
    conversations about which there may be something new to be told.
    """

    profile: Profile
    memory: Memory
    ways: Ways
    clocks: Clocks
    random: Callable[[int], bytes]
    emit: Callable[[Event], None]
    measures: Measures
    signature_key: bytes = b""
    directory: Directory = field(default_factory=Directory)
    setback: Setback = field(default_factory=Setback)
    transfers: Transfers = field(init=False)
    touched: set[bytes] = field(default_factory=set)
    clock: Callable[[], float] = field(init=False)
    engine: Engine = field(init=False)
    packages: KeyPackages = field(init=False)
    strongbox: Strongbox = field(init=False)
    trust: Trust = field(init=False)
    history: History = field(init=False)
    labels: Labels = field(init=False)
    ignored: Ignored = field(init=False)
    preferences: Preferences = field(init=False)
    tickets: Tickets = field(init=False)
    away: Away = field(init=False)
    letters: Letters = field(init=False)
    failures: Failures = field(init=False)
    digest: Digest = field(init=False)

    def __post_init__(self) -> None:
        memory, clocks, profile = self.memory, self.clocks, self.profile
        self.clock = clocks.now
        self.engine = Engine.of(profile, self.random)
        self.packages = KeyPackages(self.engine, memory, clocks, self.measures.stock)
        self.strongbox = Strongbox(memory)
        self.trust = Trust(memory, clocks.date, profile.nick, profile.keys.identity.public)
        self.history = History(memory)
        self.labels = Labels(memory)
        self.ignored = Ignored(memory)
        self.preferences = Preferences(memory)
        self.tickets = Tickets(memory)
        self.away = Away(memory)
        self.letters = Letters(memory)
        self.failures = Failures(memory)
        self.digest = Digest(self.clock, self.emit)

    @property
    def nick(self) -> str:
        """What others call the user."""
        return self.profile.nick

    @property
    def account(self) -> bytes:
        """The user's account id."""
        return self.engine.account

    @property
    def has_moved_out(self) -> bool:
        """Whether the user was exported from here, and seen in another client since."""
        return self.memory.get(MOVED_OUT) is not None

    def meet_own_copy(self) -> None:
        """Another client has come in the place of this one, as its user has signed."""
        if self.memory.get(EXPORTED) is not None:
            self.memory.put(MOVED_OUT, b"")

    def new_id(self) -> bytes:
        """An id for a message or a conversation that nobody else will draw."""
        return self.random(ID_SIZE)

    def tell_altered(self, altered: Altered) -> None:
        """Tell the user what a change has made of a message; with one go the files sent with it."""
        event = altered.event()
        if isinstance(event, Deleted):
            self.transfers.retract(altered.change.about)
        if event is not None:
            self.emit(event)

    def explain(self, cause: Cause, **facts: object) -> None:
        """Tell the user why something could not be read, and what happens next."""
        if self.setback.takes(cause, str(facts.get("name"))):
            return
        gathered = self.digest.gather(cause, lambda: Explanations(cause))
        if gathered is None:
            self.emit(Error(cause.code, "", facts=facts))
        else:
            gathered.add(facts)


class Explanations:
    """Why many things could not be read, all for the same ``cause``."""

    def __init__(self, cause: Cause) -> None:
        self._cause = cause
        self._count = 0
        self._authors: set[object] = set()
        self._names: set[object] = set()
        self._facts: dict[str, object] = {}

    def add(self, facts: dict[str, object]) -> None:
        """One more, about which these are the facts."""
        self._count += 1
        self._facts = facts
        self._names.add(facts.get("name"))
        if len(self._authors) < SEVERAL:
            self._authors.add(facts.get("author"))

    def tell(self) -> list[Event]:
        """All of them as one."""
        cause, facts = self._cause, self._facts
        if self._count == 1:
            return [Error(cause.code, "", facts=facts)]
        many = {"authors": len(self._authors), "conversations": len(self._names)}
        return [Error(cause.code, "", count=self._count, facts={**facts, **many})]
