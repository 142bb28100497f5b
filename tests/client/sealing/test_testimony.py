import pytest

from geventim.client.sealing import testimony as words
from geventim.client.sealing.testimony import UNKNOWN, count
from geventim.errors import PeerError


def said(accepted, ahead=0):
    return words.Testimony(7, UNKNOWN, accepted, ahead)


def test_it_comes_back_from_bytes():
    testimony = words.Testimony(7, b"h" * 32, 3, 1)
    assert words.Testimony.decode(testimony.encode()) == testimony
    with pytest.raises(PeerError):
        words.Testimony.decode(testimony.encode() + b"x")
    with pytest.raises(PeerError):
        words.Testimony.decode(testimony.encode()[:-1])


@pytest.mark.parametrize(
    ("seen", "testimony", "expected"),
    [
        (None, said(5), (6, 0)),
        (None, said(5, ahead=2), (8, 0)),
        (5, said(5), (6, 0)),
        (4, said(5), (6, 1)),
        (0, said(3), (4, 3)),
        (5, said(3, ahead=2), (6, 0)),
        (9, said(0), (10, 0)),
    ],
)
def test_messages_that_are_missing_are_counted(seen, testimony, expected):
    assert count(seen, testimony) == expected


def test_what_was_on_its_way_is_not_missing_when_it_was_refused():
    seen, missing = count(2, said(2, ahead=3))
    assert missing == 0
    assert count(seen, said(3)) == (4, 0)
