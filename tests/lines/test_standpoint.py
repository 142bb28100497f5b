import pytest

from geventim.chat.values import Kind
from geventim.lines.standpoint import Standpoint


@pytest.mark.parametrize(
    ("kind", "place"), [(Kind.DM, "@den"), (Kind.ROOM, "#den"), (Kind.GROUP, "#den")]
)
def test_a_place_is_called_by_its_sign_and_name(kind, place):
    here = Standpoint("alice")
    assert here.place == ""
    here.go(kind, "den")
    assert (here.place, here.name, here.kind) == (place, "den", kind)
