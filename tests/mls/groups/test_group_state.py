import pytest

from geventim.mls.ground.policy import Policy
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.group import Group
from geventim.mls.groups.group_state import Status
from geventim.mls.messages.proposals import Remove
from geventim.mls.schedule.psk import APPLICATION, ExternalPsk, ResumptionPsk
from tests.mls.builder import GROUP_ID, NOW, commit, family


@pytest.fixture
def trio() -> list[Group]:
    return family("alice", "bob", "carol")


def test_a_fork_moves_by_itself(trio: list[Group]) -> None:
    message = trio[0].send(b"hello")
    copy = Group(trio[1].state.fork(), bytes)
    assert copy.receive(message).data == b"hello"
    assert trio[1].receive(message).data == b"hello"


def test_past_epochs_are_kept_in_order_and_number(trio: list[Group]) -> None:
    for _ in range(4):
        staged = trio[0].commit(CommitRequest((), NOW))
        trio[0]._state = trio[0].state.after(staged, Policy(past_epochs=3))
    assert [past.context.epoch for past in trio[0].state.past] == [4, 3, 2]
    assert trio[0].state.message_epoch(3) is trio[0].state.past[1]
    assert trio[0].state.message_epoch(1) is None
    assert trio[0].state.message_epoch(9) is None


def test_resumption_psks_are_those_of_known_epochs(trio: list[Group]) -> None:
    first = trio[0].state.epoch.secrets.resumption_psk
    commit(trio, 0)
    look_up = trio[0].state.psk_source(lambda name: b"other")
    assert look_up(ResumptionPsk(APPLICATION, GROUP_ID, 1)) == first
    now = trio[0].state.epoch.secrets.resumption_psk
    assert look_up(ResumptionPsk(APPLICATION, GROUP_ID, 2)) == now
    assert look_up(ResumptionPsk(APPLICATION, GROUP_ID, 3)) == b"other"
    assert look_up(ResumptionPsk(APPLICATION, b"another", 1)) == b"other"
    assert look_up(ExternalPsk(b"x")) == b"other"


def test_who_is_removed_forgets_its_secrets(trio: list[Group]) -> None:
    secrets = trio[2].state.epoch.secrets
    staged = trio[0].commit(CommitRequest((Remove(2),), NOW))
    seen = trio[2].receive(staged.message)
    state = trio[2].state.after(seen, Policy(past_epochs=0))
    assert state.status is Status.REMOVED
    assert state.epoch.secrets != secrets
    assert state.epoch.secrets.exporter_secret == b""
    assert state.epoch.keys.parents == {}
    assert state.past == ()
    assert state.ratchets.save().secrets[0].secret == b""
