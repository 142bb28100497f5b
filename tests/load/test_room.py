from geventim.load.room import Room


def test_only_its_name_is_known_before_it_is_founded():
    room = Room("load")
    assert (room.name, room.id) == ("load", b"")
    assert (room.incarnation, room.head) == (b"", 0)
