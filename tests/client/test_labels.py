import pytest

from geventim.chat.values import Kind
from geventim.client.kept.memory import Memory
from geventim.client.kept.record import TALK, Record
from geventim.client.labels import Labels
from tests.client.members import charter_of, engine, group_of

FOUNDER = engine("alice").account
PLACE = b"c" * 16


@pytest.fixture
def memory():
    return Memory({})


@pytest.fixture
def labels(memory):
    return Labels(memory)


def record(name, number=1, kind=Kind.GROUP, founder=FOUNDER, *, member=True):
    made = Record(bytes([number]) * 16, kind, name, bytes(16), founder=founder)
    made.member = member
    return made


@pytest.mark.parametrize("name", ["lab", "LAB", "1ab"])
def test_a_name_is_taken_with_all_that_look_like_it(labels, name):
    labels.hold(record("lab"))
    assert labels.is_taken(name)
    assert not labels.is_taken("lamb")


def test_what_we_are_not_in_takes_no_name(labels):
    labels.hold(record("lab", member=False))
    assert not labels.is_taken("lab")


def test_one_does_not_stand_in_its_own_way(labels):
    lab = record("lab")
    labels.hold(lab)
    assert not labels.is_taken("lab", lab.id)
    labels.hold(record("lab", 2, Kind.ROOM))
    assert labels.is_taken("lab", lab.id)


def test_a_name_is_promised_for_a_while(labels):
    with labels.promise("lab"):
        assert labels.is_taken("1ab")
    assert not labels.is_taken("1ab")


def test_the_second_is_named_after_its_founder_once_that_is_known(memory, labels):
    (group,) = group_of(PLACE, charter_of(Kind.GROUP), "alice")
    tree = group.vantage.public.tree
    first, second, third = (record("lab", number) for number in (1, 2, 3))
    for each in (first, second, third):
        labels.hold(each)
    for each in (second, third):
        labels.tell_apart(each)
    assert first.label == "lab"
    assert second.label == f"lab-{FOUNDER.hex()[:8]}"
    assert third.label == f"lab-{FOUNDER.hex()[:8]}-2"
    labels.name_after_founder(second, tree)
    labels.name_after_founder(first, tree)
    assert (first.label, second.label) == ("lab", "lab-alice")
    assert TALK + second.id.hex() in memory.take_changes()
    assert labels.is_taken("lab-alice")
    assert not labels.is_taken(f"lab-{FOUNDER.hex()[:8]}")


def test_rooms_keep_their_names(labels):
    labels.hold(record("lab"))
    room = record("lab", 2, Kind.ROOM)
    labels.hold(room)
    labels.tell_apart(room)
    assert room.label == "lab"


def test_a_founder_who_has_left_names_nothing(labels):
    (group,) = group_of(PLACE, charter_of(Kind.GROUP), "alice")
    stranger = record("lab", 2, founder=b"f" * 16)
    labels.hold(record("lab"))
    labels.hold(stranger)
    labels.tell_apart(stranger)
    before = stranger.label
    labels.name_after_founder(stranger, group.vantage.public.tree)
    assert stranger.label == before == f"lab-{'66' * 4}"
