"""People, conversations and changes for the tests of stores."""

from itertools import count

from geventim.chat.values import (
    Account,
    Conversation,
    Entry,
    EntryKind,
    Kind,
    account_id,
    dm_id,
)
from geventim.log.changes import Append, Change, Commit, Create, GiveState
from geventim.log.outcomes import Appended, Outcome, Refusal
from geventim.log.store import Store

numbers = count(1)


def fresh_id() -> bytes:
    return next(numbers).to_bytes(16, "big")


def person(nick: str, seed: str = "") -> Account:
    identity = (seed or nick).encode().ljust(32, b".")
    return Account(account_id(identity), nick, identity, identity[::-1])


ALICE, BOB, CAROL, DAVE, ERIN = map(person, ("alice", "bob", "carol", "dave", "erin"))
INCARNATION = b"incarnation".ljust(16)
GATE = b"gate".ljust(32)
LOBBY = Conversation(b"lobby".ljust(16), Kind.ROOM, "lobby", ALICE.id, INCARNATION)
KEYED = Conversation(b"keyed".ljust(16), Kind.ROOM, "keyed", ALICE.id, INCARNATION, GATE)
CREW = Conversation(b"crew".ljust(16), Kind.GROUP, "crew", ALICE.id, INCARNATION)
DM = Conversation(dm_id(ALICE.id, BOB.id), Kind.DM, "", ALICE.id, INCARNATION)


def do(store: Store, change: Change) -> Outcome:
    (outcome,) = store.commit([change])
    return outcome


def ids(*accounts: Account) -> tuple[bytes, ...]:
    return tuple(account.id for account in accounts)


def create(conversation: Conversation, *members: Account) -> Create:
    message_id = None if conversation.kind is Kind.DM else conversation.id
    return Create(conversation, ids(*members), message_id)


def append(
    conversation: Conversation,
    author: Account,
    payload: bytes = b"",
    kind: EntryKind = EntryKind.MESSAGE,
    *,
    head: int = 0,
    time: float = 2.5,
    operator: bool = False,
) -> Append:
    return Append(
        conversation.id, author.id, kind, fresh_id(), time, head, payload, operator=operator
    )


def leave(conversation: Conversation, author: Account) -> Append:
    return append(conversation, author, kind=EntryKind.LEAVE)


def delete(conversation: Conversation, author: Account, *, operator: bool = False) -> Append:
    return append(conversation, author, kind=EntryKind.DELETE, operator=operator)


def commit(
    conversation: Conversation,
    author: Account,
    head: int,
    *,
    add: tuple[Account, ...] = (),
    remove: tuple[Account, ...] = (),
    payload: bytes = b"commit",
    group_info: bytes = b"",
    welcome: bytes = b"",
    gate: bytes | None = None,
    proven: bytes = b"",
    limit: int = 100,
    time: float = 2.5,
    turn: bool = True,
) -> Commit:
    return Commit(
        conversation.id,
        author.id,
        fresh_id(),
        time,
        head,
        payload,
        group_info,
        welcome,
        ids(*add),
        ids(*remove),
        gate,
        proven,
        limit,
        turn,
    )


def kick(conversation: Conversation, account: Account) -> Append:
    return append(conversation, account, kind=EntryKind.KICK)


def give(
    conversation: Conversation, account: Account, group_info: bytes, seq: int = 0
) -> GiveState:
    return GiveState(conversation.id, account.id, seq, group_info)


def apply(store: Store, change: Append | Commit) -> Appended:
    """Put an entry into the log, which must not be refused."""
    outcome = do(store, change)
    assert isinstance(outcome, Appended), outcome
    return outcome


def write(store: Store, change: Append | Commit) -> Entry:
    """The entry that ``change`` puts into the log."""
    return apply(store, change).entry


def refused(store: Store, change: Change) -> str:
    """The word with which ``change`` is refused."""
    outcome = do(store, change)
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


def entries(
    store: Store, conversation: Conversation, account: Account, after: int = 0
) -> list[Entry]:
    return list(store.entries(conversation.id, account.id, after).entries)


def seqs(store: Store, conversation: Conversation, account: Account, after: int = 0) -> list[int]:
    return [entry.seq for entry in entries(store, conversation, account, after)]


def texts(store: Store, conversation: Conversation, account: Account, after: int = 0) -> list[str]:
    return [entry.payload.decode() for entry in entries(store, conversation, account, after)]


def last(store: Store, conversation: Conversation) -> int:
    """The number of the last entry."""
    head = store.head(conversation.id)
    assert head
    return head.seq
