import pytest

from geventim.channel.connection import TruncationError
from geventim.channel.states import State
from geventim.chat.links import Link
from geventim.errors import UserError
from geventim.load.room import Room
from geventim.load.target import Target

KEY = bytes(range(32))


def target(key=None, psk=None):
    return Target(Link("127.0.0.1", 1, key), psk, Room("room", bytes(16)))


@pytest.mark.parametrize("key", [None, KEY])
def test_a_key_that_no_link_contradicts_is_good(key):
    target(key).check_key(KEY)


def test_a_key_that_the_link_contradicts_is_not():
    with pytest.raises(UserError) as caught:
        target(bytes(32)).check_key(KEY)
    assert caught.value.code == "untrusted_key"


def test_a_handshake_that_breaks_off_means_a_wrong_access_key_where_there_is_one():
    error = TruncationError(State.UNCONFIRMED)
    explained = target(psk=KEY).explain(error)
    assert isinstance(explained, UserError)
    assert explained.code == "wrong_access_key"
    assert target().explain(error) is error
    later = TruncationError(State.OPEN)
    assert target(psk=KEY).explain(later) is later


def test_the_access_key_is_not_shown():
    assert repr(KEY) not in repr(target(psk=KEY))
