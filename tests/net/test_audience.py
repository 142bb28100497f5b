"""A group of greenlets, seen as their clients."""

import gevent
from gevent.event import Event

from geventim.net.audience import Audience, ClientGreenlet


class Listener:
    """A client whose greenlet lasts until its connection ends."""

    def __init__(self):
        self.ended = Event()
        self.greenlet = ClientGreenlet(self.ended.wait)
        self.greenlet.client = self
        self.greenlet.start()

    def end(self):
        self.ended.set()
        self.greenlet.join()


def test_each_is_there_once_until_it_is_discarded():
    audience, one, two = Audience(), Listener(), Listener()
    for listener in (one, two, one):
        audience.add(listener)
    assert sorted(audience.outlets(), key=id) == sorted([one, two], key=id)
    audience.discard(one)
    audience.discard(one)
    assert audience.outlets() == [two]
    two.end()
    one.end()


def test_who_ends_leaves_by_itself():
    audience, one, two = Audience(), Listener(), Listener()
    audience.add(one)
    audience.add(two)
    one.end()
    gevent.sleep(0)
    assert audience.outlets() == [two]
    two.end()


def test_some_may_end_while_it_is_walked():
    audience = Audience()
    listeners = [Listener() for _ in range(3)]
    for listener in listeners:
        audience.add(listener)
    seen = []
    for listener in audience.outlets():
        seen.append(listener)
        for other in listeners:
            other.end()
    assert len(seen) == 3
    gevent.sleep(0)
    assert audience.outlets() == []


def test_who_has_ended_does_not_stay():
    audience, one = Audience(), Listener()
    one.end()
    audience.add(one)
    gevent.sleep(0)
    assert audience.outlets() == []
