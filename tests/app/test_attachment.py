"""The other end of a door; what the two say to each other is in ``test_door.py``."""

from functools import partial
from typing import get_args

import gevent
import pytest
from gevent import socket

from geventim.app import attachment as module
from geventim.app import socket_place
from geventim.app.attachment import Attachment
from geventim.app.door import Door
from geventim.app.ending import Ending
from geventim.app.front import Front
from geventim.app.hub import Hub
from geventim.app.note import Note
from geventim.client import events, stream, wishes
from geventim.client.answers import Done, Refused
from geventim.client.events import Announcement
from geventim.client.results import result_of
from geventim.client.stream import Attached, Closing
from geventim.client.told import OWN, Told
from geventim.client.wishes import BadWishError, People, Resume, Say
from geventim.errors import UserError
from tests.app.samples import EVENTS, WISHES, sample
from tests.greenlets import until


class Host:
    """Answers with a sample of what a wish is done with; with ``hold``, never."""

    def __init__(self):
        self.taken = []
        self.hold = False

    def grant(self, wish, front):
        self.taken.append(wish)
        if not self.hold:
            front.put(Note(Done(wish.id, sample(result_of(type(wish))))))

    def reject(self, error, front):
        raise AssertionError("what is no wish is not sent")

    def welcome(self):
        return None


@pytest.fixture
def host():
    return Host()


@pytest.fixture
def hub():
    return Hub("run")


@pytest.fixture
def door(tmp_path, host, hub):
    door = Door(tmp_path, host, hub)
    yield door
    door.close()


class Visitor:
    """Somebody who is attached, and what they are told."""

    def __init__(self, directory):
        self.front = Front(OWN)
        self.notes = []
        self.attachment = Attachment.attach(directory, self.front)
        self.greeted = gevent.event.Event()
        self.running = gevent.spawn(self.attachment.run, self.greeted.set)
        self.taking = gevent.spawn(self._take)

    def _take(self):
        while (notes := self.front.take()) is not None:
            self.notes += notes

    def expect(self, count=1):
        return until(lambda: self.notes[:count] if len(self.notes) >= count else None)

    def grant(self, wish):
        self.attachment.grant(wish, self.front)

    def close(self):
        self.running.kill()
        self.front.close()
        self.taking.join()


@pytest.fixture
def visitor(door, tmp_path):
    visitor = Visitor(tmp_path)
    visitor.greeted.wait()
    yield visitor
    visitor.close()


def test_where_nobody_is(tmp_path):
    assert Attachment.attach(tmp_path, Front(OWN)) is None
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / socket_place.NAME))
    assert Attachment.attach(tmp_path, Front(OWN)) is None


def test_nobody_else_is_talked_to(door, tmp_path, monkeypatch):
    monkeypatch.setattr(socket_place, "peer_user", lambda _: -1)
    assert Attachment.attach(tmp_path, Front(OWN)) is None


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: type(wish).__name__)
def test_every_wish_is_answered_with_its_result(visitor, host, wish):
    visitor.grant(wish)
    (note,) = visitor.expect()
    assert note.item == Done(wish.id, sample(result_of(type(wish))))
    assert host.taken == [wish]


TOLD = [event for event in EVENTS if not isinstance(event, Attached | Closing)]


@pytest.mark.parametrize("event", TOLD, ids=lambda event: type(event).__name__)
def test_every_event_is_told_with_its_number(visitor, hub, event):
    (front,) = hub.fronts
    hub.publish([Told(event, front.asker, "x")], None)
    (note,) = visitor.expect()
    assert (note.item, note.n) == (event, "run-1")
    assert note.request == ("x" if note.n else None)
    assert len(TOLD) == len(get_args(stream.AnyEvent)) - 2


def test_what_a_later_version_tells_is_left_out(visitor, hub, monkeypatch):
    monkeypatch.setattr(module, "AnyEvent", Announcement)
    hub.publish([Told(events.Entered("den")), Told(Announcement("hi"))], None)
    assert visitor.expect()[0].item == Announcement("hi")


def test_what_is_no_wish_is_refused_here(visitor):
    visitor.attachment.reject(BadWishError("x", "unknown_wish", "No."), visitor.front)
    visitor.attachment.reject(UserError("too_large", "No."), visitor.front)
    first, second = visitor.expect(2)
    assert (first.item.answer, first.item.refused.code) == ("x", "unknown_wish")
    assert (second.item.answer, second.item.refused.code) == (None, "too_large")
    assert visitor.attachment.refused == 2


class TestEnding:
    def test_at_the_end_of_the_input_everything_is_answered(self, visitor):
        for number in range(20):
            visitor.grant(People(id=number))
        visitor.attachment.end_input()
        assert visitor.running.get() == Ending(0)
        assert len(visitor.expect(20)) == 20

    def test_what_was_refused_is_counted(self, visitor, hub):
        visitor.grant(Resume(id=1, after="odd"))
        visitor.attachment.reject(UserError("too_large", "No."), visitor.front)
        visitor.attachment.end_input()
        assert visitor.running.get().refused == 1

    def test_who_leaves_does_not_wait_long(self, visitor, host):
        visitor.attachment._drain = 0.01
        host.hold = True
        visitor.grant(People(id=1))
        visitor.attachment.leave()
        assert visitor.running.get() == Ending(3, None, 1)

    def test_what_the_other_process_did_not_take_is_left(self, visitor, host, door):
        host.hold = True
        visitor.grant(People(id=1))
        until(lambda: host.taken)
        (other,) = door._visitors
        other._reading.kill()
        visitor.grant(People(id=2))
        door.close()
        assert visitor.running.get() is None
        assert visitor.attachment.take_left() == [People(id=2)]
        (note,) = visitor.expect()
        assert isinstance(note.item, Refused)
        assert (note.item.answer, note.item.refused.code) == (1, "interrupted")

    def test_a_process_that_is_killed_says_nothing(self, visitor, host, door):
        host.hold = True
        visitor.grant(People(id=1))
        until(lambda: host.taken)
        (other,) = door._visitors
        other._socket.shutdown(socket.SHUT_RDWR)
        assert visitor.running.get() is None
        assert visitor.attachment.take_left() == []
        assert visitor.expect()[0].item.refused.code == "interrupted"

    def test_what_is_not_said_twice_is_left_to_be_said_again(self, visitor, host, door):
        host.hold = True
        said = Say(id=1, to="lobby", text="once", message_id="0f" * 16)
        visitor.grant(said)
        visitor.grant(Say(id=2, to="lobby", text="who knows"))
        until(lambda: len(host.taken) == 2)
        (other,) = door._visitors
        other._socket.shutdown(socket.SHUT_RDWR)
        assert visitor.running.get() is None
        assert visitor.attachment.take_left() == [said]
        assert [note.item.answer for note in visitor.expect()] == [2]


def test_who_takes_nothing_stops_reading(visitor, hub):
    visitor.taking.kill()
    visitor.front._largest = 1_000_000
    until(partial(_fill, hub, visitor))
    assert visitor.front._size < 4_000_000


def _fill(hub, visitor):
    """Publish more until the front end at the other side is behind."""
    hub.publish([Told(Announcement("x" * 60_000))], None)
    (front,) = hub.fronts
    return any(isinstance(each.note.item, stream.Behind) for each in front._waiting)


def test_wishes_are_all_of_a_kind():
    assert {type(wish) for wish in WISHES} == set(get_args(wishes.AnyWish))


def test_wishes_of_different_kinds_with_one_id_are_answered_each(visitor, host, hub):
    host.hold = True
    asked = [People(id=1), Say(id=1, to="lobby", text="x"), wishes.Verify(id=1, nick="bob")]
    for wish in asked:
        visitor.grant(wish)
    until(lambda: host.taken == asked)
    results = [sample(result_of(type(wish))) for wish in reversed(asked)]
    for result in results:
        hub.fronts[0].put(Note(Done(1, result)))
    assert [note.item.done for note in visitor.expect(3)] == results
    assert visitor.attachment.take_left() == []
    visitor.grant(People(id=2))
    until(lambda: len(host.taken) == 4)
    assert not visitor.running.ready()


def test_lines_that_wait_to_be_read_do_not_mix(visitor, host, monkeypatch):
    reads = gevent.event.Event()
    take = host.grant
    monkeypatch.setattr(host, "grant", lambda wish, front: reads.wait() and take(wish, front))
    visitor.grant(People(id=0))
    asked = [Say(id=n, to="lobby", text=str(n) * 900_000) for n in (1, 2)]
    granting = [gevent.spawn(visitor.grant, wish) for wish in asked]
    gevent.joinall(granting, timeout=0)
    reads.set()
    assert [note.item.answer for note in visitor.expect(3)] == [0, 1, 2]
    assert host.taken == [People(id=0), *asked]
