"""Which transfers have their turn, and what became of each."""

import os

import pytest

from geventim.client.files.records import NOBODY
from geventim.client.files.transfers import MOST, RUNNING
from geventim.client.sealing.content import Reply
from geventim.errors import DeniedError
from tests.client.files.conftest import MESSAGE, PLACE, World

CHUNK = 256 * 1024


def test_one_that_is_given_up_is_deleted_from_the_server(world: World) -> None:
    world.disk.files["a"] = os.urandom(4 * CHUNK)
    errand = world.order("a")
    world.run(8)
    assert world.server.blobs
    world.transfers.cancel_number(1)
    world.run()
    assert errand.error.code == "cancelled"
    assert not world.server.blobs
    assert not world.kept()
    with pytest.raises(DeniedError, match="no_transfer"):
        world.transfers.cancel_number(1)


def test_if_one_file_of_a_message_cannot_be_sent_none_is(world: World) -> None:
    world.disk.files["a"] = b"a"
    errand = world.order("a", "b")
    world.run()
    assert errand.error.code == "no_source"
    assert not world.server.blobs
    assert not world.kept()


def post(world: World, lifetime: int = 0) -> None:
    """Let the message of what was sent go."""
    ((errand, _, files),) = world.transfers.take_sent()
    parcel = type("Parcel", (), {"message_id": b"m" * 16})
    world.transfers.posted(errand, parcel, files, lifetime)
    world.run()


def test_files_are_deleted_that_nobody_can_read_any_more(world: World) -> None:
    world.disk.files["a"] = b"a"
    world.order("a")
    world.run()
    post(world, lifetime=60)
    world.transfers.note_read(PLACE, 99)
    assert world.transfers.fades_at is None, "its entry is not known yet"
    world.transfers.note_written(b"m" * 16, 7)
    world.restart()
    world.transfers.note_read(PLACE, 6)
    world.transfers.note_read(b"q" * 16, 9)
    assert world.transfers.fades_at is None
    world.transfers.note_read(PLACE, 7)
    read_at = world.clock.now
    assert world.transfers.fades_at == read_at + 60
    world.restart()
    world.clock.now = read_at + 30
    world.transfers.note_read(PLACE, 8)
    world.run()
    assert world.server.blobs
    world.clock.now = read_at + 60
    world.run()
    assert not world.server.blobs
    assert not world.kept()


def test_what_is_to_stay_does(world: World) -> None:
    world.disk.files["a"] = b"a"
    world.order("a")
    world.run()
    post(world)
    world.transfers.note_written(b"m" * 16, 7)
    world.transfers.note_read(PLACE, 7)
    assert world.transfers.fades_at is None
    world.run()
    assert world.server.blobs


def test_files_of_a_deleted_message_are_deleted(world: World) -> None:
    world.disk.files["a"] = b"a"
    world.order("a")
    world.run()
    post(world)
    assert world.server.blobs
    world.restart()
    world.transfers.retract(b"n" * 16)
    world.transfers.retract(b"m" * 16)
    world.cut()
    world.run()
    assert not world.server.blobs
    assert not world.kept()


@pytest.mark.parametrize("is_restarted", [False, True])
def test_what_is_on_its_way_does_not_quote_what_is_deleted(
    world: World, *, is_restarted: bool
) -> None:
    world.disk.files["a"] = os.urandom(4 * CHUNK)
    world.order("a", reply=Reply(b"o" * 16, "bob", "other words"))
    world.order("a", reply=Reply(MESSAGE, "bob", "planted"))
    world.run(3)
    world.transfers.retract(MESSAGE)
    if is_restarted:
        world.restart()
    values = b"".join(value for _, value in world.memory.under("files/"))
    assert b"planted" not in values
    assert b"other words" in values
    world.run()
    replies = [order.reply for _, order, _ in world.transfers.take_sent()]
    assert replies == [Reply(b"o" * 16, "bob", "other words"), Reply(MESSAGE, "bob")]


def test_a_few_run_at_a_time_and_not_too_many_wait(world: World) -> None:
    files = [world.put(b"x" * CHUNK * 3, f"f{index}") for index in range(MOST)]
    errands = [world.fetch(file, index) for index, file in enumerate(files)]
    world.transfers.poll(is_ready=True)
    states = [each.state for each in world.transfers.under_way]
    assert sum(state != "waiting" for state in states) == RUNNING
    with pytest.raises(DeniedError, match="too_many_transfers"):
        world.fetch(files[0], MOST)
    assert world.fetch(files[0], 0) is errands[0]
    world.run()
    assert all(errand.done for errand in errands)


def test_progress_is_told_four_times_a_second_at_most(world: World) -> None:
    world.disk.files["a"] = os.urandom(60 * CHUNK)
    world.order("a")
    began = world.clock.now
    world.run()
    told = [event.transfer for event in world.events if event.transfer.state == "running"]
    assert 2 <= len(told) <= (world.clock.now - began) * 4
    assert all(event.rate > 0 and event.left is not None for event in told)
    assert world.events[-1].transfer.state == "done"


def test_if_the_message_cannot_be_sent_its_files_are_deleted(world: World) -> None:
    world.disk.files["a"] = world.disk.files["b"] = b"a"
    errand = world.order("a", "b")
    world.run()
    assert len(world.server.finished) == 2
    world.transfers.not_posted(errand, DeniedError("no_conversation"))
    world.run()
    assert not world.server.blobs
    assert not world.kept()


class TestGone:
    """What was fetched, or is, when its message is deleted or has had its time."""

    @pytest.mark.parametrize("restarts", [False, True])
    def test_what_nobody_has_asked_for_goes_with_its_message(
        self, world: World, *, restarts: bool
    ) -> None:
        world.disk.files["mine"] = b"picture"
        file = world.put(b"picture", "a.png")
        assert world.fetch(file, asker=NOBODY).transfers
        world.run()
        assert world.disk.files["a.png"] == b"picture"
        assert len(world.kept()) == 1
        world.transfers.forget(MESSAGE)
        if restarts:
            world.restart()
        world.run()
        assert world.disk.files == {"mine": b"picture"}
        assert not world.kept()

    def test_what_the_user_has_made_of_it_stays(self, world: World) -> None:
        world.fetch(world.put(b"picture", "a.png"), asker=NOBODY)
        world.run()
        world.disk.files["a.png"] = b"painted over"
        world.transfers.retract(MESSAGE)
        world.run()
        assert world.disk.files == {"a.png": b"painted over"}
        assert not world.kept()

    @pytest.mark.parametrize("is_late", [False, True])
    def test_what_the_user_has_asked_for_stays(self, world: World, *, is_late: bool) -> None:
        file = world.put(b"picture", "a.png")
        if is_late:
            world.fetch(file, asker=NOBODY)
            world.run(1)
        world.fetch(file)
        world.run()
        world.transfers.forget(MESSAGE)
        world.run()
        assert world.disk.files == {"a.png": b"picture"}
        assert not world.kept()

    @pytest.mark.parametrize("steps", range(7))
    def test_nothing_is_left_of_what_is_on_its_way(self, world: World, steps: int) -> None:
        errand = world.fetch(world.put(os.urandom(2 * CHUNK)))
        world.run(steps)
        assert not errand.over
        world.transfers.forget(MESSAGE)
        world.run()
        assert errand.error.code == "no_message"
        assert world.disk.files == {}
        assert not world.kept()
