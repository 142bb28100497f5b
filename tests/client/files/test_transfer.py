"""What is the same in both directions."""

import pytest

from geventim.client.files.states import State
from geventim.errors import MisuseError
from tests.client.files.conftest import World


def test_what_comes_after_the_end_changes_nothing(world: World) -> None:
    errand = world.fetch(world.put(b"x"))
    (transfer,) = errand.transfers
    world.run(1)
    transfer.cancel()
    transfer.cancel()
    world.run()
    assert transfer.state is State.CANCELLED
    assert [event.transfer.state for event in world.events] == ["cancelled"]
    with pytest.raises(MisuseError):
        transfer.go_on()
