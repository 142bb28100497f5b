"""The two stores agree about everything, whatever is done to them."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from msgspec.structs import replace

from geventim.chat.values import (
    Account,
    Allowance,
    Conversation,
    EntryKind,
    Kind,
    Nearness,
    Sanction,
    Status,
    account_id,
    dm_id,
)
from geventim.log.changes import (
    AddKeyPackages,
    Append,
    Change,
    Commit,
    Create,
    Expire,
    GiveState,
    TakeKeyPackage,
)
from geventim.log.people import (
    AddInvite,
    Allow,
    NoteSeen,
    Register,
    RemoveInvite,
    Seen,
    SetAllowance,
    SetOperator,
    SetSanction,
    SetStatus,
)
from geventim.store.memory.store import MemoryStore
from geventim.store.sqlite.store import SqliteStore

NICKS = ["alice", "Alice", "аlice", "bob", "carol", "ｂｏｂ"]  # noqa: RUF001 - alike on purpose
IDENTITIES = [bytes([n]) * 32 for n in range(4)]
PEOPLE = [account_id(identity) for identity in IDENTITIES]
IDS = [bytes([n]) * 16 for n in range(4)] + [dm_id(PEOPLE[0], PEOPLE[1])]
CODES = ["one", "two"]

nicks = st.sampled_from(NICKS)
people = st.sampled_from(PEOPLE)
ids = st.sampled_from(IDS)
codes = st.sampled_from(CODES)
names = st.sampled_from(["crew", "Crew", "сrew", "other", "alice"])  # noqa: RUF001 - alike on purpose
message_ids = st.integers(0, 40).map(lambda number: number.to_bytes(16, "big"))

gates = st.sampled_from([b"", b"one".ljust(32), b"two".ljust(32)])

accounts = st.builds(
    lambda nick, identity, channel_key: Account(account_id(identity), nick, identity, channel_key),
    nicks,
    st.sampled_from(IDENTITIES),
    st.sampled_from(IDENTITIES),
)
creations = st.one_of(
    st.builds(
        Create,
        st.builds(Conversation, ids, st.just(Kind.ROOM), names, people, ids, gates)
        | st.builds(Conversation, ids, st.just(Kind.GROUP), names, people, ids),
        st.lists(people, max_size=4).map(tuple),
        message_ids,
    ),
    st.builds(
        Create,
        st.builds(Conversation, ids, st.just(Kind.DM), st.just(""), people, ids),
        st.permutations(PEOPLE).map(lambda mixed: tuple(mixed[:2])),
    ),
)
# Heads are given as how far before the last commit they are; the machine finds their numbers.
heads = st.sampled_from([0] * 12 + [1, 2])
times = st.integers(0, 40).map(float)
payloads = st.sampled_from([0, 1, 20, 60_000]).map(bytes)
appends = st.builds(
    Append,
    conversation=ids,
    author=people,
    # Mostly messages, so that there is something to read, and to repeat.
    kind=st.sampled_from(
        [EntryKind.MESSAGE] * 14 + [EntryKind.LEAVE, EntryKind.KICK, EntryKind.DELETE]
    ),
    message_id=message_ids,
    time=times,
    head=heads,
    payload=payloads,
    operator=st.booleans(),
)
declared = st.lists(people, max_size=2).map(tuple)
commits = st.builds(
    Commit,
    conversation=ids,
    author=people,
    message_id=message_ids,
    time=times,
    head=heads,
    payload=payloads,
    group_info=payloads,
    welcome=payloads,
    added=declared,
    removed=declared,
    gate=st.none() | gates,
    proven=gates,
    limit=st.integers(1, 4),
    turn=st.sampled_from([True] * 9 + [False]),
)
states = st.builds(
    GiveState,
    conversation=ids,
    account=people,
    seq=st.integers(0, 6),
    group_info=st.binary(min_size=1, max_size=2),
)
upkeep = st.one_of(
    st.builds(
        AddKeyPackages,
        account=people,
        packages=st.lists(st.binary(min_size=1, max_size=3), min_size=1, max_size=60).map(tuple),
        time=times,
        last_resort=st.sampled_from([False, False, True]),
    ),
    st.builds(TakeKeyPackage, account=people, after=times),
    st.builds(
        Expire,
        before=times,
        size=st.none() | st.sampled_from([0, 30, 100_000]),
        start=st.integers(0, 6),
    ),
)
changes = st.one_of(
    st.builds(Register, accounts, code=st.none() | codes, listed=st.booleans(), time=times),
    st.builds(SetAllowance, people, st.builds(Allowance, st.none() | st.integers(0, 9))),
    st.builds(NoteSeen, people, st.builds(Seen, times, st.sampled_from(Nearness))),
    st.builds(RemoveInvite, codes),
    st.builds(SetStatus, people, st.sampled_from(Status)),
    st.builds(SetOperator, people, st.booleans()),
    st.builds(SetSanction, people, st.sampled_from(Sanction)),
    st.builds(AddInvite, codes, st.integers(1, 2), times),
    st.builds(Allow, nicks),
    creations,
    upkeep,
)
entries = st.one_of(appends, appends, commits, commits, states)


class Agreement(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name, "server.db")
        self.memory = MemoryStore()
        self.sqlite = SqliteStore(self.path)

    @rule(batch=st.lists(changes, max_size=12))
    def commit(self, batch: list[Change]) -> None:
        assert self.sqlite.commit(batch) == self.memory.commit(batch)

    @rule(batch=st.lists(entries, max_size=12), together=st.booleans())
    def write(self, batch: list[Append | Commit | GiveState], together: bool) -> None:
        if together:
            found = [self.find_head(change) for change in batch]
            assert self.sqlite.commit(found) == self.memory.commit(found)
        else:
            for change in batch:
                one = [self.find_head(change)]
                assert self.sqlite.commit(one) == self.memory.commit(one)

    def find_head(self, change: Append | Commit | GiveState) -> Change:
        """The change with the number that its head means."""
        known = self.memory._logs.get(change.conversation)
        if isinstance(change, GiveState):
            return change
        last = known.log.roster.commit if known else 0
        return replace(change, head=max(last - change.head, 0))

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
        assert one.last_seen() == other.last_seen()
        for nick in NICKS:
            assert one.account_named(nick) == other.account_named(nick)
        for person, key in zip(PEOPLE, IDENTITIES, strict=True):
            assert one.account(person) == other.account(person)
            assert one.account_with_key(key) == other.account_with_key(key)
            assert one.memberships(person) == other.memberships(person)
            assert one.key_packages(person, 20.0) == other.key_packages(person, 20.0)
        for each in IDS:
            assert one.conversation(each) == other.conversation(each)
            assert one.members(each) == other.members(each)
            assert one.givers(each) == other.givers(each)
            for person in PEOPLE:
                assert one.state(each, person) == other.state(each, person)
            head = one.head(each)
            assert head == other.head(each)
            if head:
                assert head.members == len(one.members(each))
                for after in range(head.seq + 2):
                    assert one.position(each, after) == other.position(each, after)
        for name in ("crew", "other", "alice"):
            assert one.room_named(name) == other.room_named(name)
        assert one.groups() == other.groups()

    def teardown(self) -> None:
        try:
            self.compare()
        finally:
            self.sqlite.close()
            self.directory.cleanup()


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(
    max_examples=60, stateful_step_count=25, suppress_health_check=[HealthCheck.too_slow]
)
