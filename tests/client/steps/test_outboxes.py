import pytest

from geventim.client.steps.effects import Wait, wait
from geventim.client.steps.outbox import Manner, Spoken, Task
from geventim.client.steps.outboxes import Outboxes

FIRST, OTHER = 0, 5


class Desk:
    """Several outboxes, and what comes of them."""

    def __init__(self):
        self.over = set()
        self.reported = []
        self.boxes = Outboxes(FIRST, lambda task: None, self._report)

    def _report(self, task, error):
        self.reported.append(task.spoken.line)

    def put(self, name, asker=FIRST, manner=Manner.ALONE, date=0.0):
        """A task that is over once its name is; whether it was taken."""
        steps = wait(lambda: name in self.over, name.encode())
        return self.boxes.put(Task(steps, manner, spoken=Spoken(name, date), asker=asker))

    def end(self, *names):
        self.over.update(names)
        while self.boxes.poll():
            pass

    @property
    def begun(self):
        return [task.message_id.decode() for task in self.boxes.begun()]


@pytest.fixture
def desk():
    return Desk()


def test_nothing_begins_before_they_are_opened(desk):
    desk.put("a")
    desk.put("b", OTHER)
    assert desk.begun == []
    desk.boxes.open()
    desk.put("c", 9)
    assert desk.begun == ["a", "b", "c"]


def test_each_has_an_order_of_its_own(desk):
    desk.boxes.open()
    for name, asker in (("a", FIRST), ("b", FIRST), ("c", OTHER), ("d", OTHER)):
        desk.put(name, asker)
    assert desk.begun == ["a", "c"]
    desk.end("c")
    assert desk.begun == ["a", "d"]
    desk.end("a", "b", "d")
    assert sorted(desk.reported) == ["a", "b", "c", "d"]
    assert desk.reported.index("a") < desk.reported.index("b")
    assert (desk.boxes.lines(FIRST), desk.boxes.lines(OTHER)) == (0, 0)


def test_lines_are_counted_for_each(desk):
    desk.put("a")
    desk.put("b", OTHER)
    desk.put("c", OTHER)
    assert [desk.boxes.lines(asker) for asker in (FIRST, OTHER, 9)] == [1, 2, 0]


def test_the_last_one_waits_for_all(desk):
    desk.boxes.open()
    desk.put("a", OTHER)
    desk.put("b", OTHER)
    assert desk.put("last", manner=Manner.LAST)
    assert not desk.put("late", OTHER)
    assert not desk.put("late")
    desk.end("a")
    assert desk.begun == ["b"]
    desk.end("b")
    assert desk.begun == ["last"]


def test_what_is_late_is_told_to_each(desk):
    desk.put("a", date=100.0)
    desk.put("b", OTHER, date=101.0)
    assert desk.boxes.late_at == 105.0
    assert desk.boxes.take_late(104.0) == {}
    late = desk.boxes.take_late(106.0)
    assert {asker: [each.line for each in said] for asker, said in late.items()} == {
        FIRST: ["a"],
        OTHER: ["b"],
    }
    assert desk.boxes.late_at is None


def test_a_task_is_found_by_its_message(desk):
    desk.boxes.open()
    desk.put("a", OTHER)
    assert desk.boxes.awaiting(b"a").asker == OTHER
    assert desk.boxes.awaiting(b"b") is None


def test_what_is_not_settled_ends_with_the_last(desk):
    desk.boxes.open()
    desk.put("last", manner=Manner.LAST)
    other = Desk()
    other.put("x")
    other.put("y", OTHER)
    other.put("z", manner=Manner.LAST)
    assert [task.spoken.line for task in other.boxes.unsettled()] == ["y", "x", "z"]


def test_an_outbox_that_is_empty_is_not_kept(desk):
    desk.boxes.open()
    desk.put("a", OTHER)
    desk.end("a")
    desk.boxes.settle()
    assert list(desk.boxes._boxes) == [FIRST]


def test_one_that_fails_is_known(desk):
    def fail():
        yield Wait(lambda: True)
        raise ZeroDivisionError

    desk.boxes.open()
    task = Task(fail(), asker=OTHER, spoken=Spoken("x", 0.0))
    desk.boxes.put(task)
    with pytest.raises(ZeroDivisionError):
        desk.boxes.poll()
    assert desk.boxes.failed is task
    assert desk.boxes.advancing is None


def test_without_a_connection_they_begin_all_the_same_and_some_go_ahead(desk):
    def put(name, message_id, *, goes_ahead, asker=FIRST):
        steps = wait(lambda: name in desk.over, message_id)
        desk.boxes.put(
            Task(steps, spoken=Spoken(name, 0.0), asker=asker, goes_ahead=lambda: goes_ahead)
        )

    desk.boxes.cut_off()
    put("asks", b"", goes_ahead=False)
    put("asks too", b"", goes_ahead=False)
    put("says", b"says", goes_ahead=True)
    put("other", b"other", goes_ahead=False, asker=OTHER)
    assert desk.begun == ["", "says", "other"]
    assert (desk.boxes.unkept, desk.boxes.is_leaving) == (2, False)
    desk.boxes.open()
    put("says more", b"more", goes_ahead=True)
    assert desk.begun == ["", "says", "other"], "with a connection each has its turn"
    desk.put("the last", manner=Manner.LAST)
    assert desk.boxes.is_leaving
