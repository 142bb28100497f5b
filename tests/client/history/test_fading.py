import pytest

from geventim.client.history.fading import CHUNK, PREFIX, Fade, Fading
from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

PLACE, OTHER, ABOUT = b"p" * 16, b"o" * 16, b"a" * 16
NOW = 1_000_000.0


@pytest.fixture
def memory():
    return Memory({})


@pytest.fixture
def fading(memory):
    return Fading(memory)


def restored(memory, now=NOW):
    memory.take_changes()
    fading = Fading(memory.restored())
    fading.begin(now)
    return fading


def test_nothing_fades_before_it_was_read(fading):
    fading.put(PLACE, 1, Fade(ABOUT, 60))
    assert fading.next is None
    assert list(fading.take(NOW + 10**9)) == []


def test_it_goes_so_long_after_it_was_read(memory, fading):
    fading.put(PLACE, 1, Fade(ABOUT, 60))
    fading.put(PLACE, 2, Fade(ABOUT, 30))
    fading.put(OTHER, 3, Fade(ABOUT, 30))
    fading.read(PLACE, 2, NOW)
    for each in (fading, restored(memory)):
        assert each.next == NOW + 30
        assert list(each.take(NOW + 29)) == []
        assert list(each.take(NOW + 30)) == [(PLACE, 2, ABOUT)]
        assert list(each.take(NOW + 99)) == [(PLACE, 1, ABOUT)]
        assert each.next is None


def test_what_comes_after_the_place_where_one_stopped_stays(fading):
    fading.put(PLACE, 1, Fade(ABOUT, 60))
    fading.put(PLACE, 5, Fade(ABOUT, 60))
    fading.read(PLACE, 4, NOW)
    assert list(fading.take(NOW + 99)) == [(PLACE, 1, ABOUT)]


def test_to_read_again_gives_no_more_time(fading):
    fading.put(PLACE, 1, Fade(ABOUT, 60))
    fading.read(PLACE, 1, NOW)
    fading.read(PLACE, 1, NOW + 50)
    assert fading.next == NOW + 60


def test_what_was_read_at_once_is(fading):
    fading.put(PLACE, 1, Fade(ABOUT, 60, NOW))
    assert fading.next == NOW + 60


def test_what_should_have_gone_meanwhile_goes_at_the_start(memory, fading):
    fading.put(PLACE, 1, Fade(ABOUT, 60, NOW))
    assert list(restored(memory, NOW + 10**8).take(NOW + 10**8)) == [(PLACE, 1, ABOUT)]


def test_a_clock_that_was_ahead_gives_no_more_time(memory, fading):
    fading.put(PLACE, 1, Fade(ABOUT, 60, NOW + 10**8))
    assert restored(memory).next == NOW + 60


def test_nothing_stays_of_what_has_gone(memory, fading):
    for order in range(1, 3 * CHUNK):
        fading.put(PLACE, order, Fade(ABOUT, 60, NOW))
    assert len(memory.take_changes()) == 3
    assert len(list(fading.take(NOW + 60))) == 3 * CHUNK - 1
    assert list(memory.take_changes().values()) == [None] * 3


@pytest.mark.parametrize("name", [f"{PLACE.hex()}/0", "x/0", f"{PLACE.hex()}/x"])
def test_what_is_damaged_is_told(name):
    with pytest.raises(StoreError):
        Fading(Memory({PREFIX + name: b"\xff"}))


def test_what_was_read_fades_wherever_it_is_listed(memory, fading):
    first, last = 10 * CHUNK - 1, 10 * CHUNK
    fading.put(PLACE, first, Fade(ABOUT, 60))
    fading.put(PLACE, last, Fade(ABOUT, 60))
    kept = restored(memory)
    kept.read(PLACE, first, NOW)
    assert list(kept.take(NOW + 60)) == [(PLACE, first, ABOUT)]
