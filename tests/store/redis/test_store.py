"""The store in Redis as several nodes have it: what the contract does not say of one of them."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from geventim.log.changes import Create
from geventim.log.outcomes import NAME_TAKEN, STALE_HEAD, Appended
from geventim.log.people import AddInvite, Register
from geventim.log.store import Store
from geventim.store.redis.store import RedisStore
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
    fresh_id,
    leave,
    person,
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
    other_lobby = type(LOBBY)(b"another lobby".ljust(16), LOBBY.kind, LOBBY.name, BOB.id)
    do(one, create(LOBBY, ALICE))
    assert do(other, create(other_lobby)) == NAME_TAKEN
    assert other.conversation(other_lobby.id) is None
    assert refused(other, Register(person("lobby"))) == "nick_taken"
    write(one, delete(LOBBY, ALICE, operator=True))
    assert do(other, create(other_lobby)) == other_lobby
    assert one.room_named(LOBBY.name) == other_lobby
    write(one, delete(other_lobby, ALICE, operator=True))
    assert do(other, Register(person("lobby"))) == person("lobby")
    assert do(one, create(type(LOBBY)(fresh_id(), LOBBY.kind, "Lobby", BOB.id))) == NAME_TAKEN


def test_creation_that_is_repeated_at_another_node_is_the_same(nodes: tuple[Store, Store]) -> None:
    one, other = nodes
    made = Create(LOBBY, (), b"m" * 16)
    assert do(one, made) == LOBBY
    assert do(other, replace(made, conversation=replace(LOBBY, id=fresh_id()))) == LOBBY
    taken = Create(replace(LOBBY, id=fresh_id()), (), b"n" * 16)
    assert do(one, taken) == do(other, taken) == NAME_TAKEN
    write(one, delete(LOBBY, ALICE, operator=True))
    assert refused(other, made) == "no_conversation"
    assert do(other, taken) == taken.conversation


def test_last_use_of_an_invite_is_one(nodes: tuple[Store, Store]) -> None:
    one, other = nodes
    do(one, AddInvite("code", 1))
    assert do(one, Register(ALICE, code="code")) == ALICE
    assert refused(other, Register(CAROL, code="code")) == "not_invited"
