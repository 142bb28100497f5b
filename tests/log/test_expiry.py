import pytest

from geventim.chat.values import EntryKind
from geventim.log.changes import Expire
from geventim.log.expiry import Line, cut, sweep
from geventim.log.outcomes import Expired

MESSAGE, COMMIT, DELETE = EntryKind.MESSAGE, EntryKind.COMMIT, EntryKind.DELETE
LINES = [
    Line(1, 1.0, COMMIT, 9),
    Line(2, 1.0, MESSAGE, 4),
    Line(3, 1.0, COMMIT, 9),
    Line(4, 6.0, MESSAGE, 5),
    Line(5, 6.0, DELETE, 9),
]


@pytest.mark.parametrize(
    ("change", "unneeded", "most", "seqs", "size", "floor"),
    [
        (Expire(5.0), 0, 9, [2], 4, 2),
        (Expire(5.0), 1, 9, [1, 2], 4, 2),
        (Expire(5.0), 3, 9, [1, 2, 3], 4, 2),
        (Expire(0.0, size=9), 3, 9, [], 0, None),
        (Expire(0.0, size=8), 3, 9, [2], 4, 2),
        (Expire(0.0, size=4), 3, 9, [2, 4], 9, 4),
        (Expire(9.0), 9, 9, [1, 2, 3, 4], 9, 4),
        (Expire(9.0), 9, 1, [1], 0, None),
    ],
)
def test_what_a_log_lets_go(
    change: Expire, unneeded: int, most: int, seqs: list[int], size: int, floor: int | None
) -> None:
    found = cut(change, LINES, 9, unneeded, most)
    assert [line.seq for line in found.lines] == seqs
    assert (found.size, found.floor) == (size, floor)


def test_logs_are_gone_through_bit_by_bit() -> None:
    left = {4: 2, 5: 0, 7: 5, 8: 0}

    def drop(number: int, most: int) -> int:
        dropped = min(left[number], most)
        left[number] -= dropped
        return dropped

    def go_on(start: int) -> Expired:
        return sweep([(number, number) for number in left if number >= start], drop, 3)

    assert [go_on(0), go_on(7), go_on(7), go_on(8)] == [
        Expired(3, 7),
        Expired(3, 7),
        Expired(1),
        Expired(0),
    ]
    assert sweep(((number, 5) for number in range(1, 9)), drop, 3) == Expired(0, 4)
