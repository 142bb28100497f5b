import pytest

from geventim.chat.values import first_hash, next_hash
from geventim.client.kept.position import WINDOW, Position
from geventim.errors import PeerError

START = first_hash(b"i" * 16)


def read(count):
    position = Position()
    position.jump(0, START)
    for seq in range(1, count + 1):
        position.advance(seq, bytes([seq % 256]))
    return position


def test_it_follows_the_running_hash():
    running = START
    for seq in (1, 2, 3):
        running = next_hash(running, seq, bytes([seq]))
    assert (read(3).seq, read(3).hash) == (3, running)


def test_an_entry_is_next_was_taken_or_is_out_of_place():
    position = read(3)
    assert position.follows(4, None)
    assert not position.follows(3, None)
    assert not position.follows(1, None)
    with pytest.raises(PeerError):
        position.follows(5, None)


def test_a_gap_is_bridged_by_the_hash_before_the_entry():
    position = read(3)
    assert position.follows(9, b"h" * 32)
    assert position.follows(4, position.hash)
    with pytest.raises(PeerError):
        position.follows(4, b"h" * 32)


def test_the_word_of_others_is_compared_as_far_back_as_is_known():
    position = read(WINDOW + 10)
    assert position.agrees(WINDOW + 10, position.hash)
    assert position.agrees(WINDOW + 10, b"x" * 32) is False
    assert position.agrees(WINDOW, read(WINDOW).hash)
    assert position.agrees(WINDOW, b"x" * 32) is False
    assert position.agrees(9, read(9).hash) is None
    assert position.agrees(WINDOW + 11, b"x" * 32) is False


def test_after_a_jump_what_was_before_is_not_known():
    position = read(5)
    position.jump(9, b"h" * 32)
    assert (position.seq, position.hash) == (9, b"h" * 32)
    assert position.agrees(5, read(5).hash) is None


def test_a_jump_to_where_one_is_changes_nothing():
    position = read(5)
    position.jump(5, b"x" * 32)
    assert position.hash == read(5).hash
    assert position.agrees(4, read(4).hash)


def test_without_a_hash_only_the_number_is_known():
    position = Position()
    position.advance(1, b"x")
    assert (position.seq, position.hash) == (1, b"")
    assert position.agrees(1, b"x" * 32) is None
