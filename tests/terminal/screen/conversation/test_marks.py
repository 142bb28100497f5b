from geventim.terminal.screen.conversation.items import Day, New, Said
from geventim.terminal.screen.conversation.marks import mark

DAY = 86_400.0


def said(number, date, **fields):
    return Said(f"m{number}", "bo", "text", date, **fields)


def kinds(items, read=None):
    return [type(line).__name__ for line in mark(items, read)]


def test_each_day_has_a_line():
    items = [said(1, DAY), said(2, DAY + 60), said(3, 3 * DAY)]
    assert kinds(items) == ["Day", "Said", "Said", "Day", "Said"]


def test_the_same_day_again_has_another_key():
    lines = list(mark([said(1, DAY), said(2, 3 * DAY), said(3, DAY)], None))
    keys = [line.key for line in lines if isinstance(line, Day)]
    assert len(set(keys)) == 3


def test_new_is_what_others_said_behind_what_was_read():
    items = [said(1, 1.0), said(2, 2.0, mine=True), said(3, 3.0), said(4, 4.0)]
    assert kinds(items, "m1") == ["Day", "Said", "Said", "New", "Said", "Said"]
    assert kinds(items, "") == ["Day", "New", "Said", "Said", "Said", "Said"]
    assert New() not in list(mark(items, "m4"))
    assert New() not in list(mark(items, "gone"))


def test_a_date_that_is_none_is_a_day_too():
    assert kinds([said(1, 1e300), said(2, -1e300)]) == ["Day", "Said", "Said"]
