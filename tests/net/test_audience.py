"""A group of greenlets, seen as their clients, who are told the same in the same record."""

import os
from itertools import count

import gevent
import pytest
from gevent.event import Event

from geventim.channel import room
from geventim.channel.events import Frames
from geventim.channel.room import CAPACITY
from geventim.errors import PeerError
from geventim.net import audience as module
from geventim.net.audience import TOGETHER, Audience, ClientGreenlet, Tally


class Listener:
    """A client whose greenlet lasts until its connection ends; ``client`` is its other end."""

    congested = False

    def __init__(self, client=None, connection=None):
        self.client = client
        self.connection = connection
        self.ended = Event()
        self.greenlet = ClientGreenlet(self.ended.wait)
        self.greenlet.client = self
        self.greenlet.start()

    def end(self):
        self.ended.set()
        self.greenlet.join()

    def heard(self, size):
        """The plaintexts of records until ``size`` bytes have come."""
        texts = []
        while sum(map(len, texts)) < size:
            for event in self.client.receive():
                assert isinstance(event, Frames)
                texts.append(event.plaintext)
        return texts


@pytest.fixture
def audience():
    return Audience(count(1), os.urandom)


@pytest.fixture
def listen(channels):
    """Makes listeners whose clients can read what they are told."""
    made = []

    def connect():
        client, server = channels()
        made.append(Listener(client, server))
        return made[-1]

    yield connect
    for listener in made:
        listener.end()


def test_what_is_given_to_somebody_is_counted_for_all(listen):
    tally = Tally()
    rooms = [Audience(count(1), os.urandom, tally) for _ in range(2)]
    one, two = listen(), listen()
    rooms[0].add(one)
    rooms[0].add(two)
    rooms[1].add(one)
    rooms[0].deliver([b"a", b"b"], ())
    assert tally.deliveries == 4
    rooms[1].deliver([b"c"], ())
    rooms[0].deliver([b"d"], [one])
    assert tally.deliveries == 6


class TestPresent:
    def test_each_is_there_once_until_it_is_discarded(self, audience):
        one, two = Listener(), Listener()
        for listener in (one, two, one):
            audience.add(listener)
        assert sorted(audience.outlets(), key=id) == sorted([one, two], key=id)
        audience.discard(one)
        audience.discard(one)
        assert audience.outlets() == [two]
        two.end()
        one.end()

    def test_who_ends_leaves_by_itself(self, audience):
        one, two = Listener(), Listener()
        audience.add(one)
        audience.add(two)
        one.end()
        gevent.sleep(0)
        assert audience.outlets() == [two]
        two.end()

    def test_some_may_end_while_it_is_walked(self, audience):
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

    def test_who_has_ended_does_not_stay(self, audience):
        one = Listener()
        one.end()
        audience.add(one)
        gevent.sleep(0)
        assert audience.outlets() == []


class TestDelivering:
    def test_everyone_but_some_get_the_same_record(self, audience, listen):
        one, two, three = listen(), listen(), listen()
        for listener in (one, two, three):
            audience.add(listener)
        assert audience.deliver([b"first", b"second"], [three]) == []
        assert one.heard(11) == two.heard(11) == [b"firstsecond"]
        assert audience.deliver([b"third"], ()) == []
        assert [listener.heard(5) for listener in (one, two, three)] == 3 * [[b"third"]]

    def test_what_was_sent_before_comes_before(self, audience, listen):
        one = listen()
        audience.add(one)
        one.connection.send(b"reply")
        audience.deliver([b"entry"], ())
        one.connection.send(b"next")
        assert one.heard(14) == [b"reply", b"entry", b"next"]

    def test_it_is_encrypted_once(self, audience, listen, monkeypatch):
        sealed = []
        seal = room.RoomSealer.seal
        monkeypatch.setattr(
            room.RoomSealer, "seal", lambda *args: sealed.append(args[1]) or seal(*args)
        )
        for _ in range(3):
            audience.add(listen())
        audience.deliver([b"once"], ())
        assert sealed == [b"once"]

    def test_where_nobody_listens_nothing_is_sealed(self, audience, monkeypatch):
        monkeypatch.setattr(module, "RoomSealer", None)
        assert audience.deliver([b"text"], ()) == []
        one = Listener()
        audience.add(one)
        assert audience.deliver([b"text"], [one]) == []
        one.end()

    def test_more_than_a_record_holds_comes_in_several(self, audience, listen):
        one = listen()
        audience.add(one)
        first, second, last = b"a" * (CAPACITY - 4), b"b" * 4, b"d" * CAPACITY
        audience.deliver([first, second, b"c", last], ())
        assert one.heard(2 * CAPACITY + 1) == [first + second, b"c", last]

    def test_who_has_too_much_waiting_is_named_and_left_out(self, audience, listen):
        one, two = listen(), listen()
        for listener in (one, two):
            audience.add(listener)
        two.connection.channel.limit = 2**20
        two.connection.send(bytes(1_000_000))
        while not two.connection.outbox.size:  # more than the kernel takes
            two.connection.send(bytes(1_000_000))
            two.connection.flush()
        two.congested = True
        assert audience.deliver([b"text"], ()) == [two]
        assert one.heard(4) == [b"text"]
        two.congested = False
        waiting = two.connection.outbox.size
        assert audience.deliver([b"text"], ()) == []
        assert two.connection.outbox.size > waiting

    def test_a_broken_connection_harms_nobody(self, audience, listen):
        one, two, three = listen(), listen(), listen()
        for listener in (one, two, three):
            audience.add(listener)
        one.connection.abort()
        two.connection.close()
        assert audience.deliver([b"text"], ()) == []
        assert three.heard(4) == [b"text"]


class TestKeys:
    def test_who_comes_later_is_given_the_key(self, audience, listen):
        one, two = listen(), listen()
        audience.add(one)
        audience.deliver([b"before"], ())
        audience.add(two)
        audience.deliver([b"after"], ())
        assert one.heard(11) == [b"before", b"after"]
        assert two.heard(5) == [b"after"]

    def test_who_comes_back_needs_no_other_key(self, audience, listen):
        one = listen()
        audience.add(one)
        audience.deliver([b"before"], ())
        audience.discard(one)
        audience.add(one)
        audience.deliver([b"after"], ())
        assert one.heard(11) == [b"before", b"after"]
        assert one.connection.channel._sealer.count == 3  # the key, and two records

    def test_who_is_expelled_can_read_nothing_later(self, audience, listen):
        one, two = listen(), listen()
        for listener in (one, two):
            audience.add(listener)
        audience.deliver([b"before"], ())
        assert one.heard(6) == [b"before"]
        old = audience._sealer.key.secret
        audience.expel(one)
        audience.deliver([b"after"], ())
        assert audience._sealer.key.secret != old
        assert two.heard(11) == [b"before", b"after"]
        # Even what was meant for somebody else is of no use: the key is gone.
        stolen = audience._sealer.seal(b"stolen")
        one.connection.outbox.put(stolen.shared + one.connection.tag(stolen))
        with pytest.raises(PeerError, match="not held"):
            one.client.receive()

    def test_more_hear_it_than_are_written_to_together(self, audience, listen):
        listeners = [listen() for _ in range(TOGETHER + 3)]
        for listener in listeners:
            audience.add(listener)
        listeners[3].connection.outbox.size = 1
        listeners[3].congested = True
        assert audience.deliver([b"one", b"two"], ()) == [listeners[3]]
        for listener in listeners[:3] + listeners[4:]:
            assert listener.heard(6) == [b"onetwo"]

    def test_a_new_key_reaches_those_who_are_passed_over(self, audience, listen):
        one, two = listen(), listen()
        for listener in (one, two):
            audience.add(listener)
        audience.deliver([b"one"], [two])
        audience.renew()
        audience.deliver([b"two"], [one])
        audience.deliver([b"three"], ())
        assert one.heard(8) == [b"one", b"three"]
        assert two.heard(8) == [b"two", b"three"]

    def test_a_key_that_is_spent_is_replaced(self, audience, listen, monkeypatch):
        one = listen()
        audience.add(one)
        audience.deliver([b"one"], ())
        old = audience._sealer
        old._interval = 2
        audience.deliver([b"two"], ())
        assert audience._sealer is old
        audience.deliver([b"three"], ())
        assert audience._sealer is not old
        assert one.heard(11) == [b"one", b"two", b"three"]

    def test_two_audiences_do_not_disturb_each_other(self, listen):
        numbers = count(1)
        first, second = (Audience(numbers, os.urandom) for _ in range(2))
        one = listen()
        for turn in range(4):
            audience = (first, second)[turn % 2]
            audience.add(one)
            audience.deliver([b"text"], ())
        assert one.heard(16) == 4 * [b"text"]

    def test_who_holds_as_many_keys_as_anybody_may_is_told_by_itself(self, listen, audience):
        one, two = listen(), listen()
        for number in range(99, 99 + room.MOST_ROOMS):
            one.connection.share(room.RoomKey(number, 1, bytes(32)))
        for listener in (one, two):
            audience.add(listener)
        audience.deliver([b"text"], ())
        audience.deliver([b"more"], ())
        assert two.heard(8) == [b"text", b"more"]
        assert one.heard(8) == [b"textmore"]
        assert one.connection.channel.rooms == room.MOST_ROOMS
        # Once there is room for its key it is told like everybody else.
        one.connection.retire(99)
        audience.renew()
        audience.deliver([b"last"], ())
        assert one.heard(4) == [b"last"]
        assert one.connection.channel.rooms == room.MOST_ROOMS
