import pytest

from geventim.client.phases import MOVES, Phase


@pytest.mark.parametrize("phase", Phase)
def test_each_phase_can_come_about_and_may_end(phase):
    assert phase is Phase.OFFLINE or any(phase in after for after in MOVES.values())
    assert phase is Phase.ENDED or Phase.ENDED in MOVES[phase]


def test_nothing_follows_the_end():
    assert not MOVES[Phase.ENDED]


def test_nobody_is_ready_who_has_not_entered():
    assert [phase for phase in Phase if Phase.READY in MOVES[phase]] == [Phase.ENTERING]
