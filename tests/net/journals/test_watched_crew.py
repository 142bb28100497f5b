import pytest

from geventim.errors import StoreError
from geventim.net.journals.watched_crew import PERIOD, WatchedCrew


class Here:
    """A crew that does at once what it is asked."""

    def write(self, call):
        return call()

    look_up = read = write

    def dismiss(self):
        self.is_dismissed = True


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def crew(clock):
    return WatchedCrew(Here(), clock)


def fail():
    raise StoreError("the database failed: database or disk is full")


def told(caplog):
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_work_is_done_without_a_word(crew, caplog):
    assert [crew.write(lambda: 1), crew.look_up(lambda: 2), crew.read(lambda: 3)] == [1, 2, 3]
    crew.dismiss()
    assert crew._crew.is_dismissed
    assert told(caplog) == []


@pytest.mark.parametrize(
    ("way", "line"), [("write", "written"), ("look_up", "read"), ("read", "read")]
)
def test_a_failure_is_told_and_handed_on(crew, caplog, way, line):
    with pytest.raises(StoreError, match="full"):
        getattr(crew, way)(fail)
    assert told(caplog) == [("ERROR", f"the store cannot be {line}")]
    assert caplog.records[0].fault == "the database failed: database or disk is full"


def test_many_failures_are_told_once_a_minute_and_counted(crew, clock, caplog):
    for _ in range(5):
        with pytest.raises(StoreError):
            crew.write(fail)
    assert len(caplog.records) == 1
    clock.now = PERIOD
    with pytest.raises(StoreError):
        crew.write(fail)
    assert [record.count for record in caplog.records] == [1, 5]


def test_it_is_told_when_they_are_over(crew, caplog):
    with pytest.raises(StoreError):
        crew.write(fail)
    for _ in range(2):
        crew.write(lambda: None)
    assert told(caplog)[1:] == [("WARNING", "the store can be written again")]
    with pytest.raises(StoreError):
        crew.write(fail)
    assert len(caplog.records) == 3


def test_it_is_known_how_the_store_does(crew, clock):
    def last():
        clock.now += 0.2

    crew.write(last)
    assert (crew.writes.seconds, crew.failures, crew.fault) == (0.2, 0, "")
    for way in (crew.write, crew.read):
        with pytest.raises(StoreError):
            way(fail)
    assert (sum(crew.writes.counts), crew.failures) == (1, 2)
    assert crew.fault == "the database failed: database or disk is full"
    crew.write(lambda: None)
    assert crew.fault == ""
