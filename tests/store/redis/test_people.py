"""People in a real Redis, when several nodes change them at once."""

from collections.abc import Callable, Iterator

import pytest

from geventim.chat import limits
from geventim.chat.values import Conversation, Kind, Status
from geventim.log.changes import AddKeyPackages, TakeKeyPackage
from geventim.log.outcomes import Taken
from geventim.log.people import Register, SetOperator, SetStatus
from geventim.store.redis import layout
from geventim.store.redis.store import RedisStore
from tests.store.builders import ALICE, BOB, LOBBY, do, person


@pytest.fixture
def store(redis_url: str) -> Iterator[RedisStore]:
    opened = RedisStore(redis_url)
    yield opened
    opened.close()


REGISTER = """
import sys
from geventim.log.people import Register
from geventim.store.redis import layout
from geventim.store.redis.store import RedisStore
from tests.store.builders import person
store = RedisStore(sys.argv[1])
nicks = ["user" + letter for letter in "abcdefgh"]
store.commit([Register(person(nick, sys.argv[2] + nick)) for nick in nicks])
store.close()
"""


def test_each_nick_is_claimed_once(
    redis_url: str, store: RedisStore, run_at_once: Callable[[str, list[list[str]]], None]
) -> None:
    run_at_once(REGISTER, [[redis_url, seed] for seed in ("one", "two", "three")])
    accounts = store.accounts()
    assert [account.nick for account in accounts] == ["user" + letter for letter in "abcdefgh"]
    assert all(store.account_with_key(account.channel_key) == account for account in accounts)


def test_changes_of_one_account_do_not_undo_each_other(store: RedisStore, redis_url: str) -> None:
    other = RedisStore(redis_url)
    do(store, Register(ALICE))
    do(other, SetOperator(ALICE.id))
    do(store, SetStatus(ALICE.id, Status.AWAY))
    found = other.account(ALICE.id)
    assert found is not None
    assert (found.operator, found.status) == (True, Status.AWAY)
    other.close()


def test_change_that_came_too_late_is_made_again(
    store: RedisStore, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = RedisStore(redis_url)
    do(store, Register(ALICE))
    ask = store._link.ask

    def ask_late(*command: object, home: str = "") -> object:
        answer = ask(*command, home=home)
        if command[0] == "HGET":
            monkeypatch.setattr(store._link, "ask", ask)
            do(other, SetOperator(ALICE.id))
        return answer

    monkeypatch.setattr(store._link, "ask", ask_late)
    do(store, SetStatus(ALICE.id, Status.DND))
    found = store.account(ALICE.id)
    assert found is not None
    assert (found.operator, found.status) == (True, Status.DND)
    other.close()


def test_oldest_key_packages_go_first(store: RedisStore) -> None:
    packages = tuple(b"%03d" % n for n in range(limits.KEY_PACKAGES + 2))
    do(store, AddKeyPackages(ALICE.id, packages, 1.0))
    assert store.key_packages(ALICE.id, 0.0) == limits.KEY_PACKAGES
    assert do(store, TakeKeyPackage(ALICE.id, 0.0)) == Taken(b"002", limits.KEY_PACKAGES - 1)


def test_name_is_given_back_by_its_holder_only(store: RedisStore) -> None:
    people = store._people
    assert people.claim_name(LOBBY) is None
    people.release_name(LOBBY, BOB.id)
    assert people.room_named(LOBBY.name) == LOBBY.id
    people.release_name(LOBBY, LOBBY.id)
    assert people.room_named(LOBBY.name) is None


def test_rooms_of_an_earlier_program_are_listed_in_order(store: RedisStore) -> None:
    """They were claimed without being put into the order of all."""
    people, ids = store._people, {name: name.encode().ljust(16) for name in ("b", "c", "a")}
    for name, room in ids.items():
        people.claim_name(Conversation(room, Kind.ROOM, name, ALICE.id))
    store._link.ask("DEL", layout.ORDER)
    assert people.rooms("", 9) == sorted(ids.items())
    people.release_name(Conversation(ids["b"], Kind.ROOM, "b", ALICE.id), ids["b"])
    assert people.rooms("a", 9) == [("c", ids["c"])]


def test_nobody_is_found_where_nobody_is(store: RedisStore) -> None:
    assert store.account(person("nobody").id) is None
    assert do(store, SetStatus(ALICE.id, Status.AWAY)) is None
