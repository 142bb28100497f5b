"""A conversation comes from Redis as it was written there."""

from geventim.log.effect import Giver
from geventim.log.logs import Log, Roster
from geventim.log.pages import Interval
from geventim.store.redis.layout import pack
from geventim.store.redis.state import State, questions, read_state
from tests.store.builders import ALICE, BOB, CAROL, LOBBY


def test_what_was_written_is_read() -> None:
    intervals = {
        ALICE.id: (Interval(0),),
        BOB.id: (Interval(0, 2), Interval(3)),
        CAROL.id: (Interval(1, 4, is_left=True),),
    }
    roster = Roster(9, LOBBY, False, intervals, 4, [Giver(BOB.id, 4)])
    end = [b"version", b"7", b"hash", b"12", b"2"]
    assert read_state(end, pack(roster)) == State(b"version", Log(roster, 2, 7, b"hash", 12, 2))
    assert read_state(end, None) is None
    assert len(questions(LOBBY.id)) == 2
