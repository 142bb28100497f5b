import gevent
import pytest

from geventim.app.front import Front
from geventim.app.note import Note
from geventim.client.answers import Done, Result
from geventim.client.events import Announcement
from geventim.client.stream import Behind
from tests.greenlets import until


def event(text):
    return Note(Announcement(str(text)))


def answer(wish):
    return Note(Done(wish, Result()))


def texts(notes):
    return [getattr(note.item, "text", note.item) for note in notes]


def test_it_is_told_everything_in_order():
    front = Front(1)
    for number in range(3):
        front.put(event(number))
    assert texts(front.take()) == ["0", "1", "2"]


def test_who_takes_waits_for_news():
    front = Front(1)
    taking = gevent.spawn(front.take)
    gevent.sleep(0)
    assert not taking.ready()
    front.put(event("news"))
    assert texts(taking.get()) == ["news"]


@pytest.mark.parametrize(("most", "size"), [(3, 1), (100, 40)])
def test_who_does_not_take_is_behind_and_goes_on_from_there(most, size):
    front = Front(1, most, 130)
    front.put(event("lost"), size)
    front.put(answer(1), size)
    front.put(event("lost"), size)
    for text in ("over", "after"):
        front.put(event(text), size)
    taken = [note.item for note in front.take()]
    assert taken == [Done(1, Result()), Behind(), Announcement("after")]
    front.put(event("more"), size)
    assert texts(front.take()) == ["more"]


def test_answers_are_never_lost():
    front = Front(1, 2, 10)
    for wish in range(100):
        front.put(answer(wish), 1)
    taken = []
    while len(taken) < 100:
        taken += front.take()
    assert [note.item.answer for note in taken] == list(range(100))


def test_it_is_handed_out_in_pieces():
    front = Front(1, piece=10)
    for size in (4, 4, 4, 50, 1):
        front.put(event(size), size)
    assert [len(front.take()) for _ in range(4)] == [2, 1, 1, 1]


def test_there_is_room_again_when_half_is_taken():
    front = Front(1, 100, 100, piece=10)
    for _ in range(6):
        front.put(event("x"), 10)
    assert not front.await_room(0)
    front.take()
    assert front.await_room(0)


def test_what_is_taken_is_shown_when_more_is_wanted():
    front = Front(1)
    front.put(event("x"))
    front.take()
    shown = gevent.spawn(front.await_shown, None)
    gevent.sleep(0)
    assert not shown.ready()
    taking = gevent.spawn(front.take)
    shown.join()
    taking.kill()


def test_nobody_waits_a_second_time_for_one_who_is_slow():
    front = Front(1)
    front.put(event("x"))
    front.await_shown(0.001)
    front.await_shown(None)
    front.take()
    taking = gevent.spawn(front.take)
    until(lambda: not front._is_slow)
    taking.kill()


def test_it_ends_when_everything_is_taken():
    front = Front(1)
    front.put(event("last"))
    front.close()
    front.put(event("too late"))
    assert texts(front.take()) == ["last"]
    assert front.take() is None


def test_it_can_end_when_everything_is_answered():
    front = Front(1)
    front.wished(1)
    front.wished(1)
    front.end_when_answered()
    front.put(answer(1))
    assert front.granting == [1]
    front.put(answer(1))
    front.take()
    assert front.take() is None


def test_who_takes_need_not_wait_for_ever():
    front = Front(1)
    assert front.take(0.001) == []
    front.put(event("news"))
    assert texts(front.take(0.001)) == ["news"]
    front.close()
    assert front.take(0.001) is None
