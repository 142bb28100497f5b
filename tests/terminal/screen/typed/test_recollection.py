from geventim.terminal.screen.typed.recollection import MOST, Recollection


def test_inputs_come_back_one_by_one_and_what_was_left_last():
    past = Recollection()
    past.add("one")
    past.add("two")
    assert past.previous("thr") == "two"
    assert past.previous("two") == "one"
    assert past.previous("one") is None
    assert past.next() == "two"
    assert past.next() == "thr"
    assert past.next() is None


def test_the_same_twice_is_kept_once_and_blanks_not_at_all():
    past = Recollection()
    for text in ["one", "one", " "]:
        past.add(text)
    assert past.previous("") == "one"
    assert past.previous("") is None


def test_there_is_nothing_at_first():
    assert Recollection().previous("x") is None


def test_stopping_begins_at_the_end_again():
    past = Recollection()
    past.add("one")
    past.add("two")
    past.previous("")
    past.previous("")
    past.stop()
    assert not past.is_recalling
    assert past.previous("") == "two"


def test_only_so_many_are_kept():
    past = Recollection()
    for number in range(MOST + 5):
        past.add(str(number))
    found = []
    while (text := past.previous("")) is not None:
        found.append(text)
    assert len(found) == MOST
    assert found[-1] == "5"
