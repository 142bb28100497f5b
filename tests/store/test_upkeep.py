"""What every back end promises of key packages and of what expires."""

import pytest

from geventim.chat import limits
from geventim.chat.values import Conversation, EntryKind, Kind
from geventim.log.changes import AddKeyPackages, Expire, TakeKeyPackage
from geventim.log.outcomes import NO_KEY_PACKAGE, Expired, Position, Taken
from geventim.log.store import Store
from tests.store.builders import (
    ALICE,
    BOB,
    CAROL,
    CREW,
    LOBBY,
    append,
    commit,
    create,
    delete,
    do,
    entries,
    fresh_id,
    leave,
    seqs,
    texts,
    write,
)


def add(*packages: bytes, time: float = 1.0, last_resort: bool = False) -> AddKeyPackages:
    return AddKeyPackages(ALICE.id, packages, time, last_resort)


def take(after: float = 0.0) -> TakeKeyPackage:
    return TakeKeyPackage(ALICE.id, after)


class TestKeyPackages:
    def test_each_is_taken_once_the_oldest_first(self, store: Store) -> None:
        store.commit([add(b"one", b"two"), add(b"three")])
        assert store.key_packages(ALICE.id, 0.0) == 3
        taken = store.commit([take(), take(), take(), take()])
        assert taken == [
            Taken(b"one", 2),
            Taken(b"two", 1),
            Taken(b"three", 0),
            NO_KEY_PACKAGE,
        ]
        assert store.key_packages(ALICE.id, 0.0) == 0

    def test_belong_to_one_account(self, store: Store) -> None:
        do(store, add(b"one"))
        assert do(store, TakeKeyPackage(BOB.id, 0.0)) == NO_KEY_PACKAGE
        assert store.key_packages(BOB.id, 0.0) == 0

    def test_last_resort_stays_and_comes_last(self, store: Store) -> None:
        store.commit([add(b"last", last_resort=True), add(b"one")])
        assert store.key_packages(ALICE.id, 0.0) == 1
        taken = store.commit([take(), take(), take()])
        assert taken == [Taken(b"one", 0), Taken(b"last", 0), Taken(b"last", 0)]

    def test_last_resort_is_replaced(self, store: Store) -> None:
        store.commit([add(b"old", last_resort=True), add(b"new", last_resort=True)])
        assert do(store, take()) == Taken(b"new", 0)

    def test_oldest_give_way(self, store: Store) -> None:
        do(store, add(b"last", last_resort=True))
        packages = [number.to_bytes(2, "big") for number in range(limits.KEY_PACKAGES + 2)]
        store.commit([add(*packages[:60]), add(*packages[60:])])
        assert store.key_packages(ALICE.id, 0.0) == limits.KEY_PACKAGES
        assert do(store, take()) == Taken(packages[2], limits.KEY_PACKAGES - 1)

    def test_old_ones_are_not_given_away_but_for_the_last_resort(self, store: Store) -> None:
        store.commit([add(b"old", time=1.0), add(b"new", time=2.0), add(b"l", last_resort=True)])
        assert store.key_packages(ALICE.id, 1.5) == 1
        assert do(store, take(1.5)) == Taken(b"new", 0)
        assert do(store, take(0.0)) == Taken(b"l", 0)

    def test_refusal_drops_nothing(self, store: Store) -> None:
        do(store, add(b"old", time=1.0))
        assert do(store, take(1.5)) == NO_KEY_PACKAGE
        assert do(store, take(1.0)) == Taken(b"old", 0)


def expire(store: Store, before: float = 0.0, size: int | None = None) -> int:
    """Expire everything that is to; how many entries that was."""
    count = start = 0
    while True:
        outcome = do(store, Expire(before, size, start))
        assert isinstance(outcome, Expired)
        count += outcome.count
        start = outcome.start
        if not start:
            return count


def floor(store: Store, conversation: Conversation) -> int:
    known = store.head(conversation.id)
    assert known
    return known.floor


class TestExpiry:
    """Times of entries are their numbers, unless a test says otherwise."""

    def fill(self, store: Store) -> None:
        do(store, create(CREW, ALICE, BOB))
        store.commit(
            [
                commit(CREW, ALICE, 0, time=1.0),
                append(CREW, ALICE, b"aaaa", head=1, time=2.0),
                append(CREW, BOB, b"bbbb", head=1, time=3.0),
                commit(CREW, BOB, 1, time=4.0),
                append(CREW, BOB, b"cccc", head=4, time=5.0),
                append(CREW, ALICE, b"dddd", head=4, time=6.0),
            ]
        )

    def test_keeps_everything_unless_told(self, store: Store) -> None:
        self.fill(store)
        assert expire(store) == 0
        assert seqs(store, CREW, ALICE) == [1, 2, 3, 4, 5, 6]
        assert floor(store, CREW) == 0

    def test_messages_go_by_age_and_commits_stay(self, store: Store) -> None:
        self.fill(store)
        kept = entries(store, CREW, ALICE)
        assert expire(store, before=6.0) == 3
        assert entries(store, CREW, ALICE) == [kept[0], kept[3], kept[5]]
        assert floor(store, CREW) == 5
        assert expire(store, before=6.0) == 0
        assert expire(store, before=99.0) == 1
        assert floor(store, CREW) == 6

    @pytest.mark.parametrize(
        ("size", "left"), [(16, 4), (15, 3), (12, 3), (11, 2), (4, 1), (3, 0), (0, 0)]
    )
    def test_messages_go_by_size_the_oldest_first(self, store: Store, size: int, left: int) -> None:
        self.fill(store)
        assert expire(store, size=size) == 4 - left
        assert texts(store, CREW, ALICE).count("commit") == 2
        assert len(seqs(store, CREW, ALICE)) == 2 + left
        assert expire(store, size=size) == 0

    def test_size_counts_what_is_left(self, store: Store) -> None:
        self.fill(store)
        expire(store, size=8)
        write(store, append(CREW, ALICE, b"eeee", head=4))
        assert expire(store, size=8) == 1
        assert texts(store, CREW, ALICE) == ["commit", "commit", "dddd", "eeee"]

    def test_numbers_and_hash_go_on(self, store: Store) -> None:
        self.fill(store)
        kept = entries(store, CREW, ALICE)
        expire(store, before=99.0)
        head = store.head(CREW.id)
        assert head
        assert (head.seq, head.hash, head.commit) == (6, kept[5].hash, 4)
        assert write(store, append(CREW, ALICE, head=4)).previous == kept[5].hash

    def test_position_is_where_the_hash_is_known(self, store: Store) -> None:
        self.fill(store)
        kept = entries(store, CREW, ALICE)
        expire(store, before=99.0)
        assert store.position(CREW.id, 0) == Position(0, kept[0].previous, 6, 6)
        assert store.position(CREW.id, 1) == Position(1, kept[0].hash, 6, 6)
        assert store.position(CREW.id, 2) == Position(3, kept[2].hash, 6, 6)
        assert store.position(CREW.id, 3) == Position(3, kept[2].hash, 6, 6)
        assert store.position(CREW.id, 4) == Position(4, kept[3].hash, 6, 6)
        assert store.position(CREW.id, 5) == Position(6, kept[5].hash, 6, 6)

    def test_message_that_expired_can_be_written_again(self, store: Store) -> None:
        do(store, create(CREW, ALICE))
        change = append(CREW, ALICE, time=1.0)
        write(store, change)
        expire(store, before=2.0)
        assert write(store, change).seq == 2

    def test_rest_goes_when_every_member_came_later(self, store: Store) -> None:
        do(store, create(LOBBY))
        store.commit(
            [
                commit(LOBBY, ALICE, 0, add=(ALICE,), time=1.0, welcome=b"welcome"),
                commit(LOBBY, BOB, 1, add=(BOB,), time=2.0),
                append(LOBBY, ALICE, b"text", head=2, time=3.0),
                commit(LOBBY, CAROL, 2, add=(CAROL,), time=4.0),
                leave(LOBBY, ALICE),
            ]
        )
        assert expire(store, before=9.0) == 2
        assert seqs(store, LOBBY, BOB) == [2, 4, 5]
        assert seqs(store, LOBBY, ALICE) == [2, 4, 5]
        do(store, leave(LOBBY, BOB))
        assert expire(store, before=4.0) == 1
        assert seqs(store, LOBBY, CAROL) == [4, 5, 6]
        do(store, leave(LOBBY, CAROL))
        assert expire(store, before=9.0) == 4
        assert seqs(store, LOBBY, CAROL) == []
        write(store, commit(LOBBY, BOB, 4, add=(BOB,)))

    def test_delete_stays_to_be_read(self, store: Store) -> None:
        self.fill(store)
        do(store, delete(CREW, ALICE))
        expire(store, before=99.0)
        (entry,) = entries(store, CREW, BOB)
        assert entry.kind is EntryKind.DELETE

    def test_goes_on_bit_by_bit(self, store: Store) -> None:
        groups = [
            Conversation(fresh_id(), Kind.GROUP, f"group-{name}", ALICE.id) for name in "pqrstuv"
        ]
        for number, group in enumerate(groups):
            do(store, create(group, ALICE))
            store.commit([append(group, ALICE, time=1.0) for _ in range(number % 5)])
        steps = [do(store, Expire(2.0, most=3))]
        while isinstance(steps[-1], Expired) and steps[-1].start:
            steps.append(do(store, Expire(2.0, None, steps[-1].start, 3)))
        assert steps == [
            Expired(3, 3),
            Expired(3, 4),
            Expired(3, 5),
            Expired(2, 8),
            Expired(0),
        ]
        assert [seqs(store, group, ALICE) for group in groups] == [[]] * len(groups)
