import pytest

from geventim.chat import limits
from geventim.chat.values import Kind, account_id
from geventim.client.people.credentials import accept_credential, make_credential
from geventim.client.sealing.engine import (
    BUCKETS,
    DAY,
    LIFETIME,
    SUITE,
    lifetime,
    make_policy,
    padding,
)
from geventim.crypto.ed25519 import SMALL_ORDER
from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import suite_of
from geventim.mls.groups import archive
from geventim.mls.groups.group import Group
from tests.client.members import NOW, charter_of, draw, engine, group_of
from tests.client.person import SERVER_KEY

PLACE = b"c" * 16
ROOM = charter_of(Kind.ROOM)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 4096, 61439, 61440, 61441, 200_000])
def test_sizes_are_rounded_up_to_few(size):
    padded = size + padding(size)
    assert padded >= size
    assert padded in BUCKETS or padded % BUCKETS[-1] == 0


def test_sealed_messages_have_few_sizes_and_fit_an_entry():
    group, _ = group_of(PLACE, ROOM, "alice", "bob")
    sizes = {len(group.send(bytes(size))) for size in range(0, 150, 10)}
    assert len(sizes) == 1
    assert len(group.send(bytes(BUCKETS[-1] - 200), bytes(100))) < limits.PAYLOAD_SIZE


def test_what_is_made_is_good_from_a_day_before_now():
    good = lifetime(NOW + 0.5)
    assert (good.not_before, good.not_after) == (NOW - DAY, NOW - DAY + LIFETIME)
    assert good.length <= (make_policy(SERVER_KEY).max_lifetime or 0)
    assert lifetime(0).not_before == 0


def test_the_account_is_that_of_the_identity_key():
    alice = engine("alice")
    assert alice.account == account_id(alice.client.signing_key.public)


def test_a_group_is_restored_as_it_was_saved():
    alice, bob = group_of(PLACE, ROOM, "alice", "bob")
    saved = archive.save_fixed(alice.state), archive.save_moving(alice.state)
    again = engine("alice").restore(*saved)
    assert bob.receive(again.send(b"hi")).data == b"hi"


def test_no_past_epochs_are_kept():
    alice, bob = group_of(PLACE, ROOM, "alice", "bob")
    late = alice.send(b"late")
    entrance = engine("carol").read_entrance(alice.group_info())
    _, message = engine("carol").enter(entrance, None, lambda _: None, None, lambda _: b"")
    bob.merge(bob.receive(message))
    with pytest.raises(PeerError):
        bob.receive(late)


def test_members_of_another_server_are_not_accepted():
    alice, _ = group_of(PLACE, ROOM, "alice", "bob")
    stranger = engine("carol", b"t" * 32)
    with pytest.raises(PeerError):
        stranger.read_entrance(alice.group_info())


def test_a_group_of_another_suite_is_not_entered():
    alice = engine("alice")
    other = Group.create(
        suite_of(1),
        PLACE,
        alice.client,
        lifetime(NOW),
        random=draw("other"),
        extensions=(ROOM.extension(),),
        policy=alice.policy,
    )
    bob = engine("bob")
    entrance = bob.read_entrance(other.group_info())
    with pytest.raises(PeerError):
        bob.enter(entrance, None, lambda _: None, None, lambda _: b"")
    assert SUITE.number == 3


def test_no_repr_shows_keys():
    assert "client" not in repr(engine("alice")).lower().replace("engine", "")


@pytest.mark.parametrize("key", sorted(SMALL_ORDER))
def test_a_leaf_for_which_anybody_can_sign_is_refused(key):
    credential = make_credential(SERVER_KEY, account_id(key), "eve")
    assert accept_credential(SERVER_KEY)(credential, key)
    assert not make_policy(SERVER_KEY).accept_credential(credential, key)
