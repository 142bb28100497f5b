"""The table of moves is complete, and the diagram in docs/ is drawn from it."""

from pathlib import Path

import pytest

from geventim.channel.states import MOVES, Move, State, draw_diagram

DIAGRAM = Path(__file__).parents[2] / "docs" / "states" / "channel.md"


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(State)


def test_every_state_is_reached_from_a_start() -> None:
    reached = {State.AWAITING_PREAMBLE, State.AWAITING_SECOND}
    while True:
        more = reached | {target for state in reached for target in MOVES[state].values()}
        if more == reached:
            break
        reached = more
    assert reached == set(State)


def test_every_move_is_made_somewhere() -> None:
    assert {move for moves in MOVES.values() for move in moves} == set(Move)


@pytest.mark.parametrize("state", State)
def test_anything_may_fail_and_anything_may_be_closed(state: State) -> None:
    assert MOVES[state][Move.FAIL] is State.DEAD
    assert Move.CLOSE in MOVES[state]


def test_dead_stays_dead() -> None:
    assert set(MOVES[State.DEAD].values()) == {State.DEAD}


def test_nothing_is_sealed_after_our_close() -> None:
    for moves in MOVES.values():
        assert Move.SEAL not in MOVES[moves[Move.CLOSE]]


def test_nothing_is_read_after_their_close() -> None:
    for moves in MOVES.values():
        if Move.READ_CLOSE in moves:
            after = MOVES[moves[Move.READ_CLOSE]]
            assert not {Move.READ_FRAMES, Move.READ_CLOSE} & set(after)
            assert Move.READ_END in after


def test_the_published_diagram_is_the_table() -> None:
    assert f"```mermaid\n{draw_diagram()}```\n" in DIAGRAM.read_text(encoding="utf-8")
