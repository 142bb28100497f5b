"""Where a transfer can stand."""

from geventim.client.files.states import MOVES, OVER, State


def test_what_is_over_stays_so() -> None:
    assert set(MOVES) == set(State)
    assert {state for state, moves in MOVES.items() if not moves} == OVER


def test_it_can_end_anywhere() -> None:
    for state in set(State) - OVER:
        assert {State.FAILED, State.CANCELLED} <= MOVES[state]
