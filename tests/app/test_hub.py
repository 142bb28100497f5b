import gevent
import pytest

from geventim.app.front import Front
from geventim.app.hub import Hub
from geventim.chat.values import Status
from geventim.client.answers import Connection, Done, Refused, Result, Snapshot
from geventim.client.events import Announcement, Notice
from geventim.client.told import OWN, Told
from geventim.client.wishes import Resume


def survey(last):
    return Snapshot(last, "alice", "host", Connection.ONLINE, "", Status.NORMAL, (), {}, ())


def event(text, asker=None, request=None):
    return Told(Announcement(str(text)), asker, request)


@pytest.fixture
def hub():
    return Hub("run")


@pytest.fixture
def publish(hub):
    return lambda *told: hub.publish(told, survey)


def taken(front):
    return front.take() if front._waiting else []


def numbers(front):
    return [note.n for note in taken(front)]


def test_everybody_is_told_with_a_number(hub, publish):
    one, other = hub.open(), hub.open()
    publish(event("a"), event("b"))
    assert numbers(one) == numbers(other) == ["run-1", "run-2"]
    assert hub.last == "run-2"


def test_only_who_has_wished_learns_by_which_wish(hub, publish):
    one, other = hub.open(), hub.open()
    publish(event("a", one.asker, "x"))
    assert [note.request for note in taken(one)] == ["x"]
    assert [note.request for note in taken(other)] == [None]


def test_what_is_for_one_is_told_to_one_and_not_kept(hub, publish):
    one, other = hub.open(), hub.open()
    publish(Told.to(one.asker, Notice("the key is sesame"), 4))
    (note,) = taken(one)
    assert (note.n, note.request) == (None, 4)
    assert taken(other) == []
    hub.resume(other, Resume(id=1, after="run-0"))
    assert [note.item for note in taken(other)] == [Done(1, Result())]


def test_what_is_for_one_who_has_gone_is_for_nobody(hub, publish):
    one, other = hub.open(), hub.open()
    hub.dismiss(one)
    publish(Told.to(one.asker, Notice("the key is sesame")))
    assert taken(other) == []


def test_no_two_have_the_same_number(hub):
    hub.admit(Front(OWN))
    one = hub.open()
    hub.dismiss(one)
    assert len({OWN, one.asker, hub.open().asker}) == 3


def test_who_comes_back_is_told_what_came_after_a_number(hub, publish):
    publish(*map(event, range(5)))
    front = hub.open()
    publish(event("before the answer"))
    hub.resume(front, Resume(id=1, after="run-3"))
    notes = taken(front)
    assert notes[0].item == Done(1, Result())
    assert [note.n for note in notes[1:]] == ["run-4", "run-5", "run-6"]


@pytest.mark.parametrize(
    "after", ["run-0", "run-1", "run-9", "other-4", "run-x", "run--1", "4", ""]
)
def test_what_is_not_kept_is_refused(after):
    hub = Hub("run", kept=3)
    hub.publish(map(event, range(5)), survey)
    front = hub.open()
    hub.resume(front, Resume(id=1, after=after))
    (note,) = taken(front)
    assert isinstance(note.item, Refused)
    assert note.item.refused.code == "not_kept"
    hub.resume(front, Resume(id=2, after="run-2"))
    assert len(taken(front)) == 4


def test_large_events_are_kept_for_less_long():
    hub = Hub("run", kept_size=10_000)
    hub.publish((event("x" * 1000) for _ in range(50)), survey)
    assert hub._kept_size <= 10_000
    assert 5 <= len(hub._kept) < 10


def test_a_snapshot_is_taken_after_what_is_told(hub, publish):
    front, other = hub.open(), hub.open()
    publish(event("a"))
    hub.want_survey(front, "s")
    publish(event("b"))
    publish(event("c"))
    notes = taken(front)
    assert notes[0].item == Done("s", survey("run-2"))
    assert [note.n for note in notes[1:]] == ["run-3"]
    assert numbers(other) == ["run-1", "run-2", "run-3"]


def test_what_is_told_meanwhile_brings_no_snapshot(hub, publish):
    """How all is could not be said then: there are events that were not told yet."""
    front = hub.open()
    hub.want_survey(front, "s")
    hub.add([Told(event("a"))])
    assert numbers(front) == ["run-1"]
    publish(event("b"))
    assert taken(front)[0].item == Done("s", survey("run-2"))


def test_who_has_gone_gets_no_snapshot(hub, publish):
    front = hub.open()
    hub.want_survey(front, "s")
    hub.dismiss(front)
    publish()
    assert front.take() is None


def test_the_only_front_end_holds_up_what_comes_until_there_is_another():
    hub = Hub("run", look=0.001)
    front = Front(OWN, 2, 100)
    hub.admit(front)
    hub.publish([event("a"), event("b")], survey)
    waiting = gevent.spawn(hub.await_room)
    gevent.sleep(0.01)
    assert not waiting.ready()
    hub.open()
    waiting.join()


def test_only_the_front_end_of_the_process_gets_time_to_show(hub, publish):
    hub.open()
    publish(event("a"))
    hub.await_shown()


def test_many_snapshots_at_once_are_one(hub):
    front = hub.open()
    taken = []
    for number in range(100):
        hub.want_survey(front, number)
    hub.publish([event("a")], lambda last: taken.append(last) or survey(last))
    assert taken == ["run-1"]
    notes = front.take()
    assert [note.item for note in notes] == [Done(number, survey("run-1")) for number in range(100)]
