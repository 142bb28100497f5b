import pytest
from msgspec.structs import replace

from geventim.chat.values import Kind
from geventim.client.answers import Conversation, Found
from geventim.client.wishes import Find
from geventim.errors import UserError
from geventim.lines import finding
from tests.app.samples import sample


def place(number, kind):
    """A conversation that is called den."""
    return replace(sample(Conversation), id=number, name="den", kind=kind)


ROOM = place("01", Kind.ROOM)
GROUP = place("02", Kind.GROUP)
PERSON = place("03", Kind.DM)


def find(search, *found, deleted=False):
    """What comes of ``search`` if there are these."""
    assert next(search) == Find(id=0, name="den")
    try:
        search.send(Found(found, deleted, known=False))
    except StopIteration as end:
        return end.value
    except UserError as error:
        return error.code
    raise AssertionError


def test_a_place_is_a_room_or_else_a_group():
    assert find(finding.place("den"), PERSON, GROUP, ROOM) is ROOM
    assert find(finding.place("den"), PERSON, GROUP) is GROUP
    assert find(finding.place("den"), PERSON) == "not_a_member"


def test_a_room_is_no_group():
    assert find(finding.room("den"), PERSON, GROUP, ROOM) is ROOM
    assert find(finding.room("den"), GROUP) == "not_a_room"
    assert find(finding.room("den")) == "not_a_member"


def test_a_group_is_no_room_and_one_that_was_deleted_is_known_to_be():
    assert find(finding.group("den"), ROOM, GROUP) is GROUP
    assert find(finding.group("den"), ROOM) == "not_a_member"
    assert find(finding.group("den"), deleted=True) == "no_group"


def test_anything_will_do():
    assert find(finding.find("den"), PERSON) is PERSON
    assert find(finding.find("den")) == "unknown_name"


@pytest.mark.parametrize(
    ("search", "name", "code"),
    [
        (finding.group, "x" * 5000, "bad_name"),
        (finding.room, "x" * 5000, "not_a_member"),
        (finding.place, "", "not_a_member"),
    ],
)
def test_what_no_wish_can_name_is_not_wished_for(search, name, code):
    with pytest.raises(UserError) as caught:
        next(search(name))
    assert caught.value.code == code
