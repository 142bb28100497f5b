import pytest

from geventim.chat.values import Account, Conversation, EntryKind, Kind, Status
from geventim.log.changes import Append
from geventim.log.outcomes import ACCOUNT_ENDED, DO_NOT_DISTURB, NOT_A_MEMBER, NOT_ALLOWED, Refusal
from geventim.store import rules

ALICE, BOB = b"a" * 16, b"b" * 16
ACCOUNT = Account(ALICE, "alice", b"i" * 32, b"c" * 32)


def conversation(kind: Kind, creator: bytes = ALICE) -> Conversation:
    return Conversation(b"c" * 16, kind, "crew", creator)


def append(kind: EntryKind, author: bytes = ALICE, *, operator: bool = False) -> Append:
    return Append(b"c" * 16, author, kind, b"m" * 16, 1.0, 0, b"payload", operator)


@pytest.mark.parametrize(
    ("new", "repeated"),
    [
        (Account(ALICE, "Alice", b"i" * 32, b"c" * 32, Status.DND, operator=True), True),
        (Account(BOB, "alice", b"i" * 32, b"c" * 32), False),
        (Account(ALICE, "bob", b"i" * 32, b"c" * 32), False),
        (Account(ALICE, "alice", b"j" * 32, b"c" * 32), False),
        (Account(ALICE, "alice", b"i" * 32, b"d" * 32), False),
    ],
)
def test_repeated_registration_has_the_same_keys_and_nick(new: Account, repeated: bool) -> None:
    assert rules.is_repeated(ACCOUNT, new) is repeated


@pytest.mark.parametrize("kind", Kind)
def test_everyone_else_needs_membership(kind: Kind) -> None:
    for entry in (EntryKind.MESSAGE, EntryKind.COMMIT, EntryKind.LEAVE, EntryKind.KICK):
        refusal = rules.refuse_append(
            append(entry), conversation(kind), is_member=False, is_alone=False, is_peer_dnd=False
        )
        assert refusal == NOT_A_MEMBER


@pytest.mark.parametrize(
    ("kind", "author", "operator", "allowed"),
    [
        (Kind.GROUP, ALICE, False, True),
        (Kind.GROUP, BOB, False, False),
        (Kind.GROUP, BOB, True, True),
        (Kind.ROOM, ALICE, False, False),
        (Kind.ROOM, BOB, True, True),
        (Kind.DM, ALICE, False, False),
        (Kind.DM, ALICE, True, True),
    ],
)
@pytest.mark.parametrize("is_member", [False, True])
def test_delete_needs_authority_and_not_membership(
    kind: Kind, author: bytes, operator: bool, allowed: bool, is_member: bool
) -> None:
    change = append(EntryKind.DELETE, author, operator=operator)
    refusal = rules.refuse_append(
        change, conversation(kind), is_member=is_member, is_alone=False, is_peer_dnd=False
    )
    assert refusal == (None if allowed else NOT_ALLOWED)


def test_operator_is_no_member_by_that() -> None:
    change = append(EntryKind.MESSAGE, BOB, operator=True)
    refusal = rules.refuse_append(
        change, conversation(Kind.GROUP), is_member=False, is_alone=False, is_peer_dnd=False
    )
    assert refusal == NOT_A_MEMBER


@pytest.mark.parametrize(
    ("fact", "answer"),
    [("is_peer_dnd", DO_NOT_DISTURB), ("is_alone", ACCOUNT_ENDED)],
    ids=["do not disturb", "account ended"],
)
@pytest.mark.parametrize("kind", EntryKind)
def test_who_hears_nothing_gets_no_message_but_everything_else(
    kind: EntryKind, fact: str, answer: Refusal
) -> None:
    facts = {"is_member": True, "is_alone": False, "is_peer_dnd": False}
    before, after = (
        rules.refuse_append(append(kind), conversation(Kind.DM), **(facts | {fact: is_so}))
        for is_so in (False, True)
    )
    assert after == (answer if kind is EntryKind.MESSAGE else before)
