"""A server that is the only one needs nobody."""

from geventim.chat.bulletins import Alive
from geventim.service.alone import Alone


def test_nobody_hears_and_nobody_is_waited_for():
    alone = Alone()
    alone.tell(Alive())
    assert list(alone.untold()) == []


def test_every_turn_is_ours():
    alone = Alone()
    first, second = alone.acquire(b"room"), alone.acquire(b"room")
    assert first is not None
    assert second is not None
    alone.release(b"room", first)
