import pytest

from geventim.chat.values import Kind, dm_id
from geventim.client import gates
from geventim.client.charter import (
    CHARTER,
    Charter,
    check_commit,
    check_pair,
    psk_name,
)
from geventim.errors import PeerError
from geventim.mls.commit_creation import CommitRequest
from geventim.mls.extensions import Extension
from geventim.mls.proposals import Add, GroupContextExtensions, PreSharedKey, Remove
from geventim.mls.psk import psk_id
from tests.client.members import NOW, draw, engine, group_of

PLACE = b"c" * 16
GATE = b"g" * 32


@pytest.mark.parametrize(
    "charter", [*map(Charter, Kind), Charter(Kind.ROOM, GATE)], ids=lambda each: str(each.kind)
)
def test_it_comes_back_from_its_extension(charter):
    assert Charter.read((charter.extension(),)) == charter


@pytest.mark.parametrize(
    "extensions",
    [
        (),
        (Extension(CHARTER, b""),),
        (Extension(CHARTER, b"\x09\x00"),),
        (Extension(CHARTER, b"\x01\x00x"),),
        (Extension(CHARTER, b"\x01\x05ggggg"),),
        (Charter(Kind.GROUP, GATE).extension(),),
        (Charter(Kind.ROOM).extension(), Extension(0xF000, b"")),
        (Extension(0xF000, b""),),
    ],
)
def test_what_makes_no_sense(extensions):
    with pytest.raises(PeerError):
        Charter.read(extensions)


def receive(groups, request, psks=lambda name: None):
    """What the second member gets of a commit of the first, checked."""
    staged = groups[1].receive(groups[0].commit(request, psks).message, psks)
    check_commit(groups[1], staged)
    return staged


def test_members_come_and_go_and_renew_their_keys():
    groups = group_of(PLACE, Charter(Kind.GROUP), "alice", "bob", "carol")
    package = engine("dora").generate_key_packages(1, NOW)[0].key_package
    receive(groups, CommitRequest((Add(package), Remove(2)), now=NOW))
    receive(groups, CommitRequest((), now=NOW))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Charter(Kind.ROOM), Charter(Kind.GROUP)),
        (Charter(Kind.ROOM), Charter(Kind.ROOM, GATE)),
        (Charter(Kind.ROOM, GATE), Charter(Kind.ROOM)),
    ],
)
def test_the_charter_stays(before, after):
    groups = group_of(PLACE, before, "alice", "bob")
    change = GroupContextExtensions((after.extension(),))
    with pytest.raises(PeerError):
        receive(groups, CommitRequest((change,), now=NOW))


def test_a_keyed_room_may_have_another_gate():
    groups = group_of(PLACE, Charter(Kind.ROOM, GATE), "alice", "bob")
    change = GroupContextExtensions((Charter(Kind.ROOM, b"h" * 32).extension(),))
    assert receive(groups, CommitRequest((change,), now=NOW)).effects.extensions is not None


def test_members_bring_no_psks():
    groups = group_of(PLACE, Charter(Kind.ROOM), "alice", "bob")
    psk = PreSharedKey(psk_id(psk_name(GATE), draw("psk")))
    with pytest.raises(PeerError):
        receive(groups, CommitRequest((psk,), now=NOW), lambda name: b"p" * 32)


def join(groups, nick, psks=(), replaces=None):
    """What the first member gets when ``nick`` comes from outside, checked."""
    newcomer = engine(nick)
    entrance = newcomer.read_entrance(groups[0].group_info())
    name = psks[0] if psks else None
    _, message = newcomer.enter(entrance, name, lambda _: b"p" * 32, replaces)
    staged = groups[0].receive(message, lambda _: b"p" * 32)
    check_commit(groups[0], staged)
    return staged


def test_anybody_joins_a_room():
    assert join(group_of(PLACE, Charter(Kind.ROOM), "alice", "bob"), "carol").effects.external


@pytest.mark.parametrize("kind", [Kind.GROUP, Kind.DM])
def test_nobody_lets_oneself_into_what_is_not_a_room(kind):
    groups = group_of(pair_id("alice", "bob"), Charter(kind), "alice", "bob")
    with pytest.raises(PeerError):
        join(groups, "carol")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_member_gets_in_anew_in_the_place_of_the_old_leaf(kind):
    groups = group_of(pair_id("alice", "bob"), Charter(kind), "alice", "bob")
    staged = join(groups, "bob", replaces=1)
    assert list(staged.effects.removed) == [1]


def test_a_keyed_room_is_joined_with_its_psk_and_no_other():
    groups = group_of(PLACE, Charter(Kind.ROOM, GATE), "alice", "bob")
    join(groups, "carol", [psk_name(GATE)])
    for psks in ([], [psk_name(b"h" * 32)]):
        with pytest.raises(PeerError):
            join(groups, "carol", psks)


def test_an_open_room_is_joined_without_a_psk():
    with pytest.raises(PeerError):
        join(group_of(PLACE, Charter(Kind.ROOM), "alice", "bob"), "carol", [psk_name(GATE)])


def pair_id(one, other):
    return dm_id(engine(one).account, engine(other).account)


def test_two_stay_two():
    groups = group_of(pair_id("alice", "bob"), Charter(Kind.DM), "alice", "bob")
    package = engine("carol").generate_key_packages(1, NOW)[0].key_package
    with pytest.raises(PeerError):
        receive(groups, CommitRequest((Add(package),), now=NOW))
    receive(groups, CommitRequest((), now=NOW))


def test_a_pair_is_the_two_that_it_is_named_after():
    groups = group_of(pair_id("alice", "bob"), Charter(Kind.DM), "alice", "carol")
    leaves = [leaf for _, leaf in groups[0].members()]
    with pytest.raises(PeerError):
        check_pair(groups[0].group_id, leaves)
    check_pair(groups[0].group_id, leaves[:1])


def test_the_psk_has_the_name_of_the_gate():
    secret = gates.NewKey("text", b"s" * 64)
    assert psk_name(secret.gate) != psk_name(GATE)
    assert secret.gate in psk_name(secret.gate).psk_id
