from geventim.load.room import Room


def test_only_name_and_id_are_known_before_it_is_founded():
    room = Room("load", bytes(16))
    assert (room.name, room.id) == ("load", bytes(16))
    assert (room.incarnation, room.head) == (b"", 0)
