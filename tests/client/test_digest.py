import pytest

from geventim.client.digest import BURST, WINDOW, Digest
from geventim.client.events import Notice


class Numbers:
    """Gathers numbers, and tells how many."""

    def __init__(self):
        self.numbers = []

    def add(self, number):
        self.numbers.append(number)

    def tell(self):
        return [Notice(f"{len(self.numbers)} in one")]


class Reader:
    """Somebody who is told numbers of several kinds."""

    def __init__(self):
        self.now = 1000.0
        self.told = []
        self.digest = Digest(lambda: self.now, lambda event: self.told.append(event.text))

    def tell(self, number, kind="a"):
        gathered = self.digest.gather(kind, Numbers)
        if gathered is None:
            self.told.append(f"{kind}{number}")
        else:
            gathered.add(number)

    def news(self):
        told, self.told = self.told, []
        return told


@pytest.fixture
def reader():
    return Reader()


FIRST = [f"a{number}" for number in range(BURST)]


def test_a_few_are_told_at_once_and_the_rest_as_one(reader):
    for number in range(140_000):
        reader.tell(number)
    assert reader.news() == FIRST
    assert reader.digest.wake_at == 1000.0 + WINDOW
    reader.now += WINDOW / 2
    reader.digest.tick()
    assert reader.news() == []
    reader.now += WINDOW / 2
    reader.digest.tick()
    assert reader.news() == [f"{140_000 - BURST} in one"]
    assert reader.digest.wake_at is None


def test_as_long_as_it_goes_on_there_is_one_each_second(reader):
    for number in range(20_000):
        reader.tell(number)
        reader.now += 20 / 20_000
    reader.now += WINDOW
    reader.digest.tick()
    told = reader.news()
    assert told[:BURST] == FIRST
    assert len(told) <= BURST + 21
    counts = [int(text.split()[0]) for text in told[BURST:]]
    assert sum(counts) == 20_000 - BURST, "none is lost"


@pytest.mark.parametrize("each_second", [2, BURST, 3 * BURST])
def test_nobody_gets_more_by_doing_it_slowly(reader, each_second):
    for _ in range(100):
        for number in range(each_second):
            reader.tell(number)
            reader.now += WINDOW / each_second
    reader.now += WINDOW
    reader.digest.tick()
    told = reader.news()
    assert len(told) <= BURST + 101
    single = [text for text in told if text.startswith("a")]
    gathered = [int(text.split()[0]) for text in told if not text.startswith("a")]
    assert len(single) + sum(gathered) == 100 * each_second, "none is lost"


def test_what_comes_once_a_second_is_told_at_once(reader):
    for number in range(20):
        reader.tell(number)
        reader.now += WINDOW
    assert reader.news() == [f"a{number}" for number in range(20)]


def test_after_a_second_without_it_begins_anew(reader):
    for number in range(BURST + 1):
        reader.tell(number)
    for _ in range(3):
        reader.now += WINDOW
        reader.digest.tick()
    reader.news()
    reader.tell(0)
    assert reader.news() == ["a0"]


def test_kinds_do_not_hide_each_other(reader):
    for number in range(BURST + 1):
        reader.tell(number)
    reader.tell(0, "b")
    assert reader.news() == [*FIRST, "b0"]


def test_in_the_end_everything_is_told(reader):
    for number in range(BURST + 3):
        reader.tell(number)
    reader.news()
    reader.digest.close()
    assert reader.news() == ["3 in one"]
    assert reader.digest.wake_at is None


def test_a_clock_that_is_set_back_keeps_nothing_waiting(reader):
    for number in range(BURST + 3):
        reader.tell(number)
    reader.news()
    reader.now -= 3600
    reader.digest.tick()
    assert reader.news() == ["3 in one"]
