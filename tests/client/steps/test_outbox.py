import pytest

from geventim.client.steps.effects import Compute, Labour, Wait
from geventim.client.steps.outbox import LATE, TOGETHER, Manner, Outbox, Spoken, Task
from geventim.errors import PeerError, UserError


class Desk:
    """An outbox, and everything that its tasks did."""

    def __init__(self) -> None:
        self.performed: list[Task] = []
        self.reported: list[str] = []
        self.results: list[object] = []
        self.over: list[tuple[object, object]] = []
        self.outbox = Outbox(self.performed.append, self._report)

    def _report(self, task: Task, error: UserError | None) -> None:
        self.over.append((task.wish, task.result if error is None else error.code))
        if error is not None:
            self.reported.append(error.code)

    def operation(self, *names: str):
        for name in names:
            try:
                self.results.append((yield Compute(Labour.STRETCHING, lambda name=name: name)))
            except UserError as error:
                if name == "stubborn":
                    self.results.append(error.code)
                else:
                    raise

    def put(self, *names: str, manner: Manner = Manner.ALONE) -> Task:
        task = Task(self.operation(*names), manner)
        self.outbox.put(task)
        return task

    def names(self) -> list[str]:
        return [task.effect.call() for task in self.performed]


@pytest.fixture
def desk():
    return Desk()


def test_nothing_begins_before_it_may(desk):
    desk.put("a")
    assert desk.performed == []
    desk.outbox.open()
    assert desk.names() == ["a"]


def test_tasks_take_effect_one_after_the_other(desk):
    desk.outbox.open()
    one, two = desk.put("a", "b"), desk.put("c")
    assert desk.performed == [one]
    desk.outbox.resume(one, 1)
    assert desk.performed == [one, one]
    desk.outbox.resume(one, 2)
    assert desk.performed == [one, one, two]
    desk.outbox.resume(two, 3)
    assert desk.results == [1, 2, 3]
    assert desk.outbox.lines == 0


def test_texts_go_together_up_to_a_limit_and_not_with_others(desk):
    desk.outbox.open()
    texts = [desk.put("t", manner=Manner.TOGETHER) for _ in range(TOGETHER + 1)]
    alone = desk.put("a")
    late = desk.put("t", manner=Manner.TOGETHER)
    assert desk.performed == texts[:-1]
    desk.outbox.resume(texts[1], None)
    assert desk.performed == texts
    for text in (texts[0], *texts[2:]):
        assert alone not in desk.performed
        desk.outbox.resume(text, None)
    assert desk.performed[-1] is alone
    desk.outbox.resume(alone, None)
    assert desk.performed[-1] is late


def test_what_takes_long_has_others_begin_beside_it_but_not_the_last(desk):
    desk.outbox.open()
    first = desk.put("first")
    long = desk.put("long", manner=Manner.BESIDE)
    text = desk.put("text", manner=Manner.TOGETHER)
    alone, other = desk.put("alone"), desk.put("other", manner=Manner.BESIDE)
    last = desk.put("last", manner=Manner.LAST)
    assert desk.performed == [first, long]
    desk.outbox.resume(first, "done")
    assert desk.performed == [first, long, text]
    desk.outbox.resume(text, "done")
    assert desk.performed == [first, long, text, alone, other]
    desk.outbox.resume(alone, "done")
    desk.outbox.resume(other, "done")
    assert last not in desk.performed
    desk.outbox.resume(long, "done")
    assert desk.performed[-1] is last


def test_so_many_may_be_under_way_whatever_they_are(desk):
    desk.outbox.open()
    for _ in range(TOGETHER + 3):
        desk.put("long", manner=Manner.BESIDE)
    assert len(desk.performed) == TOGETHER


def test_an_error_ends_its_task_alone(desk):
    desk.outbox.open()
    one, two = desk.put("a", "never"), desk.put("b")
    desk.outbox.refuse(one, UserError("no", "No."))
    assert desk.reported == ["no"]
    assert desk.performed == [one, two]


def test_an_operation_may_deal_with_an_error_itself(desk):
    desk.outbox.open()
    one = desk.put("stubborn", "after")
    desk.outbox.refuse(one, UserError("no", "No."))
    assert desk.reported == []
    assert desk.results == ["no"]
    assert one.effect.call() == "after"


def test_what_has_begun_can_be_carried_out_again(desk):
    desk.outbox.open()
    texts = [desk.put("t", manner=Manner.TOGETHER) for _ in range(3)]
    desk.outbox.resume(texts[0], None)
    assert list(desk.outbox.begun()) == texts[1:]


def test_nothing_comes_after_the_last_task(desk):
    desk.put("a")
    desk.put("bye", manner=Manner.LAST)
    desk.put("too late")
    assert desk.outbox.lines == 1
    desk.outbox.open()
    desk.outbox.resume(desk.performed[0], None)
    assert desk.performed[-1].effect.call() == "bye"
    desk.put("too late")
    desk.put("bye", manner=Manner.LAST)
    assert desk.outbox.lines == 0
    desk.outbox.resume(desk.performed[-1], None)
    assert len(desk.performed) == 2


def test_an_answer_that_cannot_be_true_ends_its_task_alone(desk):
    desk.outbox.open()
    one, two = desk.put("a"), desk.put("b")
    desk.outbox.refuse(one, PeerError("somebody else"))
    assert desk.reported == ["bad_server"]
    assert desk.performed == [one, two]


def test_a_task_that_waits_goes_on_when_it_is_over(desk):
    over = []

    def operation():
        yield Wait(lambda: bool(over))
        desk.results.append("done")

    desk.outbox.open()
    desk.outbox.put(Task(operation()))
    assert not desk.outbox.poll()
    assert desk.results == []
    over.append(True)
    assert desk.outbox.poll()
    assert desk.results == ["done"]
    assert not desk.outbox.poll()
    assert desk.outbox.lines == 0


def lines(desk, now):
    """What is late by then."""
    return [each.line for each in desk.outbox.take_late(now)]


class TestLateMessages:
    def say(self, desk, line, date):
        task = Task(desk.operation(line), spoken=Spoken(line, date))
        desk.outbox.put(task)
        return task

    def test_each_is_told_once_when_it_is_late(self, desk):
        desk.outbox.open()
        assert desk.outbox.late_at is None
        self.say(desk, "first", 100.0)
        self.say(desk, "later", 103.0)
        assert desk.outbox.late_at == 100.0 + LATE
        assert desk.outbox.take_late(104.9) == []
        assert lines(desk, 105.0) == ["first"]
        assert desk.outbox.take_late(105.0) == []
        assert desk.outbox.late_at == 103.0 + LATE
        assert lines(desk, 1000.0) == ["later"]
        assert desk.outbox.late_at is None

    def test_those_that_were_typed_together_are_told_together(self, desk):
        for number in range(10):
            self.say(desk, str(number), 100.0 + number / 10)
        assert lines(desk, 105.0) == [str(number) for number in range(10)]

    def test_what_is_delivered_is_not_late(self, desk):
        desk.outbox.open()
        task = self.say(desk, "a", 100.0)
        desk.outbox.resume(task, None)
        assert desk.outbox.late_at is None

    def test_what_says_nothing_to_others_is_never_late(self, desk):
        desk.put("a")
        assert desk.outbox.late_at is None

    def test_no_repr_shows_what_was_said(self):
        assert "hush" not in repr(Spoken("hush", 1.0))


def test_each_end_is_told_with_its_result_or_with_what_ended_it(desk):
    def operation(error=None):
        result = yield Compute(Labour.STRETCHING, lambda: 3)
        if error is not None:
            raise error
        return result

    desk.outbox.open()
    for number, error in enumerate((None, UserError("odd", "No."), PeerError("odd"))):
        task = Task(operation(error), wish=number)
        assert desk.outbox.put(task)
        desk.outbox.resume(task, 7)
    assert desk.over == [(0, 7), (1, "odd"), (2, "bad_server")]


def test_nothing_is_taken_after_the_last_one(desk):
    assert desk.outbox.put(Task(desk.operation("a"), Manner.LAST))
    assert not desk.outbox.put(Task(desk.operation("b")))


def test_what_stands_apart_begins_at_once_and_holds_up_nobody(desk):
    waiting = desk.put("waiting")
    early = desk.put("early", manner=Manner.APART)
    assert desk.performed == [early]
    assert desk.outbox.lines == 1
    desk.outbox.open()
    late = desk.put("late", manner=Manner.APART)
    assert desk.performed == [early, waiting, late]
