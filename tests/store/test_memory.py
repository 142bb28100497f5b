"""The two stores agree about everything, whatever is done to them."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from geventim.chat import log
from geventim.chat.values import (
    Account,
    Conversation,
    EntryKind,
    Kind,
    Status,
    account_id,
    dm_id,
)
from geventim.store.memory import MemoryStore
from geventim.store.sqlite import SqliteStore

NICKS = ["alice", "Alice", "аlice", "bob", "carol", "ｂｏｂ"]  # noqa: RUF001
IDENTITIES = [bytes([n]) * 32 for n in range(4)]
PEOPLE = [account_id(identity) for identity in IDENTITIES]
IDS = [bytes([n]) * 16 for n in range(4)] + [dm_id(PEOPLE[0], PEOPLE[1])]
CODES = ["one", "two"]

nicks = st.sampled_from(NICKS)
people = st.sampled_from(PEOPLE)
ids = st.sampled_from(IDS)
codes = st.sampled_from(CODES)
names = st.sampled_from(["crew", "Crew", "сrew", "other"])  # noqa: RUF001
message_ids = st.integers(0, 40).map(lambda number: number.to_bytes(16, "big"))

accounts = st.builds(
    lambda nick, identity, channel_key: Account(account_id(identity), nick, identity, channel_key),
    nicks,
    st.sampled_from(IDENTITIES),
    st.sampled_from(IDENTITIES),
)
conversations = st.one_of(
    st.builds(Conversation, ids, st.sampled_from([Kind.ROOM, Kind.GROUP]), names, people),
    st.builds(Conversation, ids, st.just(Kind.DM), st.just(""), people),
)
appends = st.builds(
    log.Append,
    conversation=ids,
    author=people,
    # Mostly messages, so that there is something to read, and to repeat.
    kind=st.sampled_from([EntryKind.MESSAGE] * 6 + [EntryKind.LEAVE] * 2 + list(EntryKind)),
    message_id=message_ids,
    time=st.floats(0, 2**33),
    payload=st.sampled_from([0, 1, 20, 60_000]).map(bytes),
    operator=st.booleans(),
)
changes = st.one_of(
    st.builds(log.Register, accounts, code=st.none() | codes, listed=st.booleans()),
    st.builds(log.SetStatus, people, st.sampled_from(Status)),
    st.builds(log.SetOperator, people),
    st.builds(log.AddInvite, codes, st.integers(1, 2)),
    st.builds(log.Allow, nicks),
    st.builds(
        log.Create,
        conversations,
        st.lists(people, min_size=1, max_size=4).map(tuple),
        message_ids,
        st.just(1.0),
    ),
    st.builds(log.Join, ids, people, st.integers(1, 3)),
    appends,
    appends,
    appends,
)


class Agreement(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name, "server.db")
        self.memory = MemoryStore()
        self.sqlite = SqliteStore(self.path)

    @initialize()
    def begin(self) -> None:
        """Something is there from the beginning, or most changes would be refused."""
        room, group, _, _, dm = IDS
        self.commit(
            [
                *(
                    log.Register(Account(account_id(identity), nick, identity, identity))
                    for nick, identity in zip(["alice", "bob"], IDENTITIES, strict=False)
                ),
                log.Create(Conversation(room, Kind.ROOM, "r", PEOPLE[0]), (PEOPLE[0],), room, 0.0),
                log.Create(
                    Conversation(group, Kind.GROUP, "g", PEOPLE[0]), tuple(PEOPLE[:3]), group, 0.0
                ),
                log.Create(Conversation(dm, Kind.DM, "", PEOPLE[0]), tuple(PEOPLE[:2]), dm, 0.0),
            ]
        )

    @rule(batch=st.lists(changes, max_size=12))
    def commit(self, batch: list[log.Change]) -> None:
        assert self.sqlite.commit(batch) == self.memory.commit(batch)

    @rule(batch=st.lists(appends, max_size=12))
    def write(self, batch: list[log.Change]) -> None:
        assert self.sqlite.commit(batch) == self.memory.commit(batch)

    @rule()
    def restart(self) -> None:
        self.sqlite.close()
        self.sqlite = SqliteStore(self.path)

    @rule(person=people, after=st.integers(0, 10))
    def read(self, person: bytes, after: int) -> None:
        for each in IDS:
            assert self.sqlite.entries(each, person, after) == self.memory.entries(
                each, person, after
            )

    @rule()
    def compare(self) -> None:
        one, other = self.sqlite, self.memory
        assert one.accounts() == other.accounts()
        assert one.invites() == other.invites()
        for nick in NICKS:
            assert one.account_named(nick) == other.account_named(nick)
        for person, key in zip(PEOPLE, IDENTITIES, strict=True):
            assert one.account(person) == other.account(person)
            assert one.account_with_key(key) == other.account_with_key(key)
            assert one.memberships(person) == other.memberships(person)
        for each in IDS:
            assert one.conversation(each) == other.conversation(each)
            assert one.members(each) == other.members(each)
            assert one.head(each) == other.head(each)
        for kind in (Kind.ROOM, Kind.GROUP):
            for name in ("crew", "other"):
                assert one.conversation_named(kind, name) == other.conversation_named(kind, name)

    def teardown(self) -> None:
        self.compare()
        self.sqlite.close()
        self.directory.cleanup()


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(
    max_examples=60, stateful_step_count=25, suppress_health_check=[HealthCheck.too_slow]
)
