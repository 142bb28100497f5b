"""The store in Redis as several nodes have it: what the contract does not say of one of them."""

from collections.abc import Iterator

import pytest

from geventim.chat.log import NAME_TAKEN, STALE_HEAD, AddInvite, Appended, Register, Store
from geventim.store.redis import RedisStore
from tests.store.builders import (
    ALICE,
    BOB,
    CAROL,
    CREW,
    LOBBY,
    append,
    apply,
    commit,
    create,
    delete,
    do,
    leave,
    refused,
    seqs,
    texts,
    write,
)


@pytest.fixture
def nodes(redis_url: str) -> Iterator[tuple[Store, Store]]:
    one, other = RedisStore(redis_url), RedisStore(redis_url)
    yield one, other
    one.close()
    other.close()


def test_nodes_continue_each_others_logs(nodes: tuple[Store, Store]) -> None:
    one, other = nodes
    do(one, create(CREW, ALICE, BOB))
    for text in (b"a", b"b", b"c", b"d", b"e", b"f"):
        write(one, append(CREW, ALICE, text))
        write(other, append(CREW, BOB, text.upper()))
    assert texts(one, CREW, ALICE) == list("aAbBcCdDeEfF")
    assert one.head(CREW.id) == other.head(CREW.id)


def test_node_does_not_refuse_by_what_it_remembers(nodes: tuple[Store, Store]) -> None:
    one, other = nodes
    do(one, create(LOBBY))
    write(one, commit(LOBBY, ALICE, 0, add=(ALICE,)))
    write(other, commit(LOBBY, BOB, 1, add=(BOB,)))
    write(one, append(LOBBY, BOB, b"since when?", head=2))
    assert seqs(other, LOBBY, BOB) == [2, 3]


def test_node_does_not_accept_by_what_it_remembers(nodes: tuple[Store, Store]) -> None:
    one, other = nodes
    do(one, create(CREW, ALICE, BOB))
    write(one, append(CREW, BOB, b"here"))
    write(other, leave(CREW, BOB))
    assert refused(one, append(CREW, BOB, b"still here")) == "not_a_member"
    write(other, commit(CREW, ALICE, 0))
    assert do(one, append(CREW, ALICE, b"on what?")) == STALE_HEAD


def test_what_one_node_wrote_the_other_repeats(nodes: tuple[Store, Store]) -> None:
    one, other = nodes
    do(one, create(CREW, ALICE, BOB))
    write(other, append(CREW, ALICE, b"before"))
    message = append(CREW, ALICE, b"once")
    written = apply(one, message)
    assert apply(other, message) == Appended(written.entry, repeated=True)
    gone = leave(CREW, ALICE)
    left = apply(one, gone)
    assert apply(other, gone) == Appended(left.entry, repeated=True)


def test_node_that_was_told_writes_at_the_first_attempt(redis_url: str) -> None:
    one, other = RedisStore(redis_url), RedisStore(redis_url)
    do(one, create(CREW, ALICE, BOB))
    write(one, append(CREW, ALICE, b"one"))
    other.notice(apply(one, append(CREW, ALICE, b"unknown there")))
    write(other, append(CREW, BOB, b"two"))
    one.notice(apply(other, append(CREW, BOB, b"three")))
    one.notice(apply(other, leave(CREW, BOB)))
    write(one, append(CREW, ALICE, b"four"))
    assert texts(one, CREW, ALICE) == ["one", "unknown there", "two", "three", "", "four"]
    one.close()
    other.close()


def test_name_is_taken_everywhere_until_its_holder_is_deleted(nodes: tuple[Store, Store]) -> None:
    one, other = nodes
    other_crew = type(CREW)(b"another crew".ljust(16), CREW.kind, CREW.name, BOB.id)
    do(one, create(CREW, ALICE))
    assert do(other, create(other_crew, BOB)) == NAME_TAKEN
    assert other.conversation(other_crew.id) is None
    write(one, delete(CREW, ALICE))
    assert do(other, create(other_crew, BOB)) == other_crew
    assert one.conversation_named(CREW.kind, CREW.name) == other_crew


def test_last_use_of_an_invite_is_one(nodes: tuple[Store, Store]) -> None:
    one, other = nodes
    do(one, AddInvite("code", 1))
    assert do(one, Register(ALICE, code="code")) == ALICE
    assert refused(other, Register(CAROL, code="code")) == "not_invited"
