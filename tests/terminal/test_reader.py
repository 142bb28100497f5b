import gevent
from gevent.queue import Queue

from geventim.terminal.reader import Reader
from tests.greenlets import background_errors, deadline, until

__all__ = ["background_errors", "deadline"]


def typed(lines):
    """The lines of a queue, up to an empty one."""
    while line := lines.get():
        yield line


def test_lines_go_to_who_talks():
    taken = []
    Reader(iter(["one", "two"])).read(taken.append)
    assert taken == ["one", "two"]


def test_before_anybody_talks_lines_go_to_who_asks():
    reader = Reader(iter(["one", "two", "three"]))
    assert next(reader.answers()) == "one"
    taken = []
    reader.read(taken.append)
    assert taken == ["two", "three"]


def test_a_line_that_is_asked_for_goes_to_who_asks():
    lines, taken = Queue(), []
    reader = Reader(typed(lines))
    reading = gevent.spawn(reader.read, taken.append)
    lines.put("one")
    until(lambda: taken)
    asking = gevent.spawn(next, reader.answers())
    gevent.sleep(0)
    for line in ("two", "three", ""):
        lines.put(line)
    assert asking.get() == "two"
    reading.join()
    assert taken == ["one", "three"]


def test_who_asks_learns_that_there_is_nothing_more():
    lines = Queue()
    reader = Reader(typed(lines))
    reading = gevent.spawn(reader.read, print)
    gevent.sleep(0)
    asking = gevent.spawn(list, reader.answers())
    gevent.sleep(0)
    lines.put("")
    assert asking.get() == []
    reading.join()
    assert list(reader.answers()) == []
