"""What the agent decides is shown, kept and sent, in this order, and not without each other."""

import gevent
import pytest
from gevent.event import Event as Gate

from geventim.client.agent import Phase
from geventim.client.answers import Done
from geventim.client.events import (
    Connected,
    Error,
    Message,
    Notice,
    Reconnecting,
    Sent,
)
from geventim.client.wishes import (
    ChangeSetting,
    Draft,
    Mute,
)
from geventim.errors import PeerError, StoreError
from tests.app.desks import answered, converse, hear, say, want
from tests.greenlets import until


class TestSettling:
    def test_what_comes_of_a_line_is_kept_and_then_sent(self, desk, shelf):
        writes, frames = shelf.writes, desk.connection.frames
        desk.give(say("hello"))
        desk.settle()
        assert desk.connection.frames == frames + 1
        assert desk.connection.kept_before[-1] == writes + 1
        assert any(name.startswith("parcel/") for name in shelf.kept)

    def test_nothing_leaves_before_it_is_kept(self, desk, shelf):
        frames = desk.connection.frames
        disk = shelf.slow = Gate()
        desk.give(say("hello"))
        gevent.sleep(0.01)
        assert desk.connection.frames == frames
        disk.set()
        until(lambda: desk.connection.frames == frames + 1)

    def test_what_cannot_be_kept_is_not_sent_now_or_later(self, desk, shelf, failures):
        frames = desk.connection.frames
        shelf.broken = True
        desk.give(say("hello"))
        until(lambda: failures)
        shelf.broken = False
        desk.settle()
        assert desk.connection.frames == frames
        assert [str(error) for error in failures] == ["the disk is full"]

    def test_lines_that_come_together_are_kept_together(self, desk, shelf, world):
        writes = shelf.writes
        for number in range(20):
            desk.give(say(str(number)))
        desk.settle()
        assert shelf.writes == writes + 1

    def test_what_was_meant_for_a_connection_that_is_gone_is_not_sent(self, desk):
        desk.give(say("hello"))
        wire, desk.connection = desk.connection, None
        frames = wire.frames
        desk.settle()
        assert wire.frames == frames
        assert desk.agent.take_frames() == []

    def test_whoever_composed_it_is_told_each_time(self, desk, settled):
        count = len(settled)
        desk.settle()
        assert settled[count:] == [desk.agent]

    def test_the_servers_fault_ends_the_connection(self, desk):
        def stumble(_):
            raise PeerError("nonsense")

        desk.give(stumble)
        assert desk.connection.aborted

    def test_an_agent_that_fails_is_replaced_and_connected_anew(self, desk, shelf, screen):
        failed, kept = desk.agent, dict(shelf.kept)

        def fail(agent):
            agent.context.user.memory.put("half", b"done")
            raise ZeroDivisionError

        desk.give(fail)
        assert desk.agent is not failed
        assert desk.agent.phase is Phase.OFFLINE
        assert desk.connection.aborted
        desk.settle()
        assert shelf.kept == kept
        assert [error.code for error in screen.of(Error)] == ["failed_here"]

    def test_changes_that_cannot_be_taken_are_undone(self, desk, shelf, screen):
        failed, frames = desk.agent, desk.connection.frames

        def fail():
            raise OverflowError

        desk.agent.context.user.memory.put("half", b"done")
        desk.agent.context.user.memory.put_later("other", fail)
        desk.give(say("hello"))
        desk.settle()
        assert desk.agent is not failed
        assert desk.connection.frames == frames
        assert "half" not in shelf.kept
        assert desk.agent.undelivered == 1

    def test_what_is_foreseen_replaces_nobody(self, desk):
        failed = desk.agent

        def fail(_):
            raise MemoryError

        with pytest.raises(MemoryError):
            desk.give(fail)
        assert desk.agent is failed

    def test_closing_keeps_everything(self, desk, shelf):
        desk.agent.context.user.memory.put("last", b"word")
        desk.close()
        assert shelf.kept["last"] == b"word"
        assert shelf.closed

    def test_closing_keeps_nothing_without_what_came_before(self, desk, shelf):
        shelf.broken = True
        desk.agent.context.user.memory.put("first", b"word")
        with pytest.raises(StoreError):
            desk.settle()
        shelf.broken = False
        desk.agent.context.user.memory.put("last", b"word")
        desk.close()
        assert "last" not in shelf.kept
        assert shelf.closed


class TestShowing:
    def test_what_happened_is_shown_and_then_kept(self, desk, screen, shelf, world):
        before = len(screen.events)
        hear(world, desk, "hi")
        desk.settle()
        assert [event.message for event in screen.of(Message)] == ["hi"]
        assert shelf.shown_before[-1] == before + 1

    @pytest.mark.parametrize(
        "wish",
        [
            Draft(id=7, conversation="#lobby", text="half a"),
            ChangeSetting(id=7, name="receipts", value=False),
            Mute(id=7, conversation="#lobby"),
        ],
        ids=lambda wish: type(wish).__name__,
    )
    def test_that_something_is_done_is_told_once_it_is_kept(self, desk, screen, shelf, wish):
        shelf.slow = Gate()
        desk.give(want(wish))
        until(lambda: shelf.waiting)
        assert not answered(screen, 7)
        shelf.slow.set()
        until(lambda: answered(screen, 7))

    def test_how_all_is_is_not_told_while_something_is_kept(self, desk, shelf, world):
        """What has come meanwhile is in that, and would be told once more."""
        front = desk._audience.open()
        shelf.slow = Gate()
        desk.give(want(Draft(id=7, conversation="#lobby", text="half a")))
        until(lambda: shelf.waiting)
        desk._audience.want_survey(front, "s")
        hear(world, desk, "meanwhile")
        shelf.slow.set()
        desk.settle()
        notes = front.take()
        (at,) = [index for index, note in enumerate(notes) if isinstance(note.item, Done)]
        told = [note.item for note in notes[at:]]
        assert not [each for each in told if isinstance(each, Message)]
        assert notes[at].item.answer == "s"

    def test_that_something_is_done_is_not_told_if_it_was_not_kept(
        self, desk, screen, shelf, failures
    ):
        shelf.broken = True
        desk.give(want(Draft(id=7, conversation="#lobby", text="half a")))
        until(lambda: failures)
        assert not answered(screen, 7)

    def test_more_comes_after_what_the_agent_has_to_tell(self, desk, screen, world):
        hear(world, desk, "hi")
        desk.settle(Reconnecting(0.5))
        assert [type(event) for event in screen.events][-2:] == [Message, Reconnecting]

    def test_nothing_is_not_told(self, desk, screen, monkeypatch):
        desk.settle()
        monkeypatch.setattr(screen, "show", None)  # it must not be called
        desk.settle()

    def test_a_slow_reader_holds_up_nothing(self, desk, screen, shelf, world):
        reader = screen.paused = Gate()
        writes, frames = shelf.writes, desk.connection.frames
        hear(world, desk, "one")
        desk.settle()
        hear(world, desk, "two")
        desk.give(say("hello"))
        desk.settle(Notice("later"))
        assert screen.of(Message) == []
        assert shelf.writes >= writes + 2
        assert desk.connection.frames == frames + 1
        reader.set()
        until(lambda: screen.of(Notice))
        assert [event.message for event in screen.of(Message)] == ["one", "two", "hello"]
        assert screen.events[-1] == Notice("later")


def test_it_comes_back_when_something_is_due(desk, screen, world):
    """The server has trouble of its own, and a message is tried again a little later."""
    world.journal.failing = True
    desk.give(say("hello"))
    until(lambda: desk.connection.line.up)
    converse(world, desk, lambda: desk.agent.wake_at is not None)
    world.journal.failing = False
    world.timers.time += 10
    converse(world, desk, lambda: screen.of(Sent))
    assert world.people["bob"].texts() == ["hello"]
    assert screen.of(Connected) != []
