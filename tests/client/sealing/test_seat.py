"""A seat: followed with secrets and without, made whole by help, and kept either way."""

import pytest

from geventim.chat.values import Kind
from geventim.client.kept.memory import Memory
from geventim.client.sealing.counting import count
from geventim.client.sealing.declaration import Declaration
from geventim.client.sealing.seat import Seat, Shelf
from geventim.errors import MisuseError
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.schedule.psk import no_psks
from tests.client.members import NOW, charter_of, engine, group_of

PLACE = b"c" * 16
SHELF = Shelf("group", "ratchets", "outlook")


@pytest.fixture
def groups():
    return group_of(PLACE, charter_of(Kind.ROOM), "alice", "bob")


def committed(group):
    """A commit of ``group`` as others follow it; the group goes on with it."""
    declared = Declaration(group.vantage.public.interim_transcript_hash).encode()
    request = CommitRequest((), now=NOW, authenticated_data=declared)
    before, staged = group.vantage.public, group.commit(request, public=True)
    group.merge(staged)
    return count(before, staged.message, engine("alice").policy)


def test_it_stays_whole_with_commits_that_open(groups):
    alice, bob = groups
    seat = Seat(bob)
    seat.follow(committed(alice), no_psks)
    assert seat.is_whole
    assert seat.group.epoch_authenticator == alice.epoch_authenticator


def test_without_the_secrets_it_follows_until_it_is_helped(groups):
    alice, bob = groups
    seat = Seat(bob.vantage)
    for _ in range(2):
        seat.follow(committed(alice), no_psks)
    assert not seat.is_whole
    assert seat.public == alice.vantage.public
    assert seat.is_ours
    with pytest.raises(MisuseError):
        seat.group.send(b"hi")
    seat.enter(engine("bob").enter_epoch(seat.vantage, alice.member_secret, 0))
    assert alice.receive(seat.group.send(b"hi")).data == b"hi"


def test_another_copy_of_us_has_the_keys_of_its_leaf(groups):
    _, bob = groups
    seat = Seat(engine("bob").look_on(bob.vantage.public, bob.own_index))
    assert not seat.is_ours
    assert seat.own_index == bob.own_index
    assert seat.leaf == bob.vantage.leaf
    assert seat.tree is bob.vantage.public.tree


def test_it_is_kept_as_it_is(groups):
    alice, bob = groups
    memory, made = Memory({}), engine("bob")
    seat = Seat(bob)
    seat.keep(memory, SHELF)
    group_alone = memory.take_changes()
    assert set(group_alone) == {"group", "ratchets"}
    for lacking in ("group", "ratchets"):
        kept = {name: value for name, value in group_alone.items() if name != lacking}
        assert Seat.restore(Memory(kept), made, SHELF) is None
    assert Seat.restore(memory, made, SHELF).is_whole
    seat = Seat(bob.vantage)
    seat.follow(committed(alice), no_psks)
    seat.keep(memory, SHELF)
    assert {name for name, kept in memory.take_changes().items() if kept} == {"outlook"}
    again = Seat.restore(memory, made, SHELF)
    assert (again.is_whole, again.public) == (False, alice.vantage.public)
    again.enter(made.enter_epoch(again.vantage, alice.member_secret, 0))
    again.keep(memory, SHELF)
    memory.take_changes()
    assert memory.get("outlook") is None, "a seat is kept in one form"
    again = Seat(again.vantage)
    again.keep(memory, SHELF)
    assert memory.get("group") is memory.get("ratchets") is None
    SHELF.clear(memory)
    assert Seat.restore(memory, made, SHELF) is None


def test_trying_a_message_uses_no_key(groups):
    alice, bob = groups
    seat, sealed = Seat(bob), alice.send(b"hi")
    assert seat.opens(sealed, engine("bob"))
    assert not seat.opens(sealed[:-1] + b"x", engine("bob"))
    assert not Seat(bob.vantage).opens(sealed, engine("bob"))
    assert bob.receive(sealed).data == b"hi"
