from pathlib import Path

import pytest

from geventim.client.kept.stages import (
    HOLDING,
    INSIDE,
    MOVES,
    SENDING,
    SUBMITTED,
    Move,
    Stage,
    draw_diagram,
)

DRAWING = Path(__file__).resolve().parents[3] / "docs" / "states" / "conversation.md"


def test_the_drawing_in_the_documentation_is_the_table():
    text = DRAWING.read_text(encoding="utf-8")
    assert text.count("```mermaid") == 1
    assert text.partition("```mermaid\n")[2].partition("```")[0] == draw_diagram()


def test_every_stage_is_described_in_the_documentation():
    text = DRAWING.read_text(encoding="utf-8")
    assert [stage.name for stage in Stage if f"| {stage.name} |" not in text] == []


def test_every_stage_has_its_moves_and_can_be_reached():
    assert set(MOVES) == set(Stage)
    reached = {target for moves in MOVES.values() for target in moves.values()}
    assert reached == set(Stage)


def test_every_stage_leads_back_to_being_active():
    seen, new = {Stage.ACTIVE}, {Stage.ACTIVE}
    while new:
        new = {stage for stage, moves in MOVES.items() if new & set(moves.values())} - seen
        seen |= new
    assert seen == set(Stage)


@pytest.mark.parametrize("stage", sorted(SUBMITTED))
def test_a_commit_on_its_way_is_accepted_or_refused_whatever_the_connection_does(stage):
    assert MOVES[stage][Move.ACCEPT] is Stage.ACTIVE
    assert Move.REFUSE in MOVES[stage]
    assert Move.LOSE not in MOVES[stage]


@pytest.mark.parametrize("stage", sorted(HOLDING))
def test_a_turn_is_lost_with_the_connection(stage):
    assert MOVES[stage][Move.LOSE] not in HOLDING | SUBMITTED


def test_what_others_do_does_not_move_what_was_stopped():
    assert set(MOVES[Stage.STOPPED]) == {Move.REJOIN, Move.RETRY, Move.EXCLUDE}


def test_who_sends_is_inside():
    assert SENDING < INSIDE
