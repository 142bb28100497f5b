import random

import msgspec
import pytest

from geventim.chat import replies, requests
from geventim.chat.replies import ConversationInfo
from geventim.chat.values import Kind
from geventim.client.agent import Agent, Phase
from geventim.client.content import ContentKind, decode
from geventim.client.events import Announcement, Connected, Error, Message, Notice, Sent
from geventim.client.memory import Memory
from geventim.client.outbox import TOGETHER
from geventim.errors import MisuseError, PeerError, UserError
from tests.client.scripted import BOB, LOBBY, NOW, LobbyServer, Scripted, make_profile, ready

ROOM = frozenset({ContentKind.ROOM})


def texts(asked):
    return [decode(payload, "alice", ROOM).message for _, payload in asked]


def test_an_announcement():
    scripted = ready()
    scripted.tell(replies.Announcement(text="The server restarts at noon."))
    assert scripted.events() == [Announcement("The server restarts at noon.")]


def test_a_newer_login_ends_this_one():
    scripted = ready()
    scripted.tell(replies.Superseded())
    assert scripted.agent.ended.reason.code == "superseded"
    scripted.message(1, "not shown")
    assert scripted.events() == []
    scripted.agent.disconnected()
    assert scripted.agent.phase is Phase.ENDED
    with pytest.raises(MisuseError):
        scripted.agent.connected()


def test_events_of_later_versions_are_left_out():
    scripted = ready()

    class Parade(msgspec.Struct, tag="parade", tag_field="type"):
        floats: int

    scripted.tell(Parade(3))
    scripted.message(1, "hi")
    assert len(scripted.events()) == 1


@pytest.mark.parametrize(
    "header",
    [
        b'{"type":"entry","seq":1}',
        b'{"type":"presence","changes":[{"nick":1}]}',
        b'{"type":"ok","id":99,"x":1}',
        b'{"type":"unheard-of","id":1}',
        b"[]",
        b"\xff",
    ],
)
def test_what_cannot_be_left_out_is_the_servers_fault(header):
    scripted = ready()
    with pytest.raises(PeerError):
        scripted.agent.receive(len(header).to_bytes(4, "big") + header)


def test_texts_go_together_and_other_lines_wait_for_them():
    scripted = ready()
    scripted.type("one", "two", "@names", "three")
    asked = scripted.asked()
    assert texts(asked) == ["one", "two"]
    scripted.answer(replies.Appended, seq=1, time=NOW)
    assert scripted.asked() == []
    scripted.answer(replies.Appended, seq=2, time=NOW)
    scripted.expect(requests.ListNames)
    scripted.answer(replies.NameList, names=("alice",))
    assert texts(scripted.asked()) == ["three"]


def test_only_so_many_texts_are_on_their_way():
    scripted = ready()
    scripted.type(*map(str, range(TOGETHER + 5)))
    assert len(scripted.asked()) == TOGETHER
    assert scripted.agent.undelivered == TOGETHER + 5


def test_lines_typed_before_the_first_connection_wait():
    scripted = Scripted()
    scripted.type("early", "@names")
    assert scripted.asked() == []
    scripted.connect()
    assert texts(scripted.asked()) == ["early"]


def test_lines_typed_while_disconnected_wait_in_order():
    scripted = ready()
    scripted.agent.disconnected()
    scripted.type("one", "@status", "two")
    assert scripted.asked() == []
    assert scripted.agent.undelivered == 3
    scripted.connect()
    assert texts(scripted.asked()) == ["one"]
    scripted.answer(replies.Appended, seq=1, time=NOW)
    assert texts(scripted.asked()) == ["two"]


def test_what_was_not_answered_is_asked_again_with_the_same_ids():
    scripted = ready()
    scripted.type("one", "two")
    first = scripted.asked()
    scripted.answer(replies.Appended, seq=1, time=NOW)
    scripted.agent.disconnected()
    scripted.connect()
    (again,) = scripted.asked()
    assert again[1] == first[1][1]
    assert msgspec.structs.replace(again[0], id=first[1][0].id) == first[1][0]


def test_an_operation_goes_on_where_it_was():
    scripted = ready(BOB)
    scripted.type("@bob hi")
    scripted.answer(replies.Opened, conversation=BOB)
    ((before, _),) = scripted.asked()
    scripted.agent.disconnected()
    scripted.connect(BOB)
    ((after, _),) = scripted.asked()
    assert (after.message_id, after.conversation) == (before.message_id, BOB.id)


def test_connected_comes_again_with_every_connection():
    scripted = ready()
    scripted.agent.disconnected()
    scripted.connect()
    assert scripted.events() == [Connected("alice", "127.0.0.1:5555", "lobby")]


def test_a_reply_that_does_not_fit_loses_no_line():
    scripted = ready()
    scripted.type("hi")
    with pytest.raises(PeerError):
        scripted.answer(replies.Ok)
    scripted.agent.disconnected()
    scripted.connect()
    assert texts(scripted.asked()) == ["hi"]


def test_a_reply_with_a_forged_name_loses_no_line():
    scripted = ready()
    scripted.type("@bob hi")
    with pytest.raises(PeerError):
        scripted.answer(replies.Opened, conversation=ConversationInfo(b"x" * 16, Kind.DM, "a b"))
    scripted.agent.disconnected()
    scripted.connect()
    scripted.expect(requests.OpenDm)


def test_a_line_that_cannot_be_read_is_told_in_its_turn():
    scripted = ready()
    scripted.type("one")
    scripted.agent.reject(UserError("not_text", "That line is no text."))
    assert scripted.events() == []
    scripted.answer(replies.Appended, seq=1, time=NOW)
    sent, error = scripted.events()
    assert isinstance(sent, Sent)
    assert error == Error("not_text", "That line is no text.")


def test_blank_lines_mean_nothing():
    scripted = ready()
    scripted.type("", "   ", "\t")
    assert scripted.asked() == []
    assert scripted.agent.undelivered == 0


class TestLeaving:
    def test_it_is_said_after_all_lines(self):
        scripted = ready()
        scripted.type("one", "@quit", "too late")
        assert texts(scripted.asked()) == ["one"]
        assert scripted.agent.undelivered == 1
        scripted.answer(replies.Appended, seq=1, time=NOW)
        scripted.expect(requests.Quit)
        assert scripted.agent.ended is None
        scripted.answer(replies.Ok)
        assert scripted.agent.ended.reason is None
        assert scripted.agent.undelivered == 0

    def test_a_connection_that_ends_first_is_as_good(self):
        scripted = ready()
        scripted.agent.leave()
        scripted.expect(requests.Quit)
        scripted.agent.disconnected()
        assert scripted.agent.ended.reason is None

    def test_with_nobody_to_tell_it_is_over_at_once(self):
        scripted = ready()
        scripted.agent.disconnected()
        scripted.agent.leave()
        assert scripted.agent.ended.reason is None

    def test_with_nobody_to_tell_lines_are_still_waited_for(self):
        scripted = ready()
        scripted.agent.disconnected()
        scripted.type("one")
        scripted.agent.leave()
        assert scripted.agent.ended is None
        assert scripted.agent.undelivered == 1
        scripted.connect()
        scripted.answer(replies.Appended, seq=1, time=NOW)
        scripted.expect(requests.Quit)

    def test_while_coming_in_it_is_said_when_in(self):
        scripted = ready()
        scripted.agent.disconnected()
        scripted.agent.connected()
        scripted.agent.leave()
        assert scripted.agent.ended is None
        scripted.answer(replies.LoggedIn, nick="alice", status="normal")
        scripted.answer(replies.Opened, conversation=LOBBY)
        scripted.answer(replies.Subscribed, after=0, head=0)
        scripted.expect(requests.Quit)

    def test_before_the_first_connection_it_waits(self):
        scripted = Scripted()
        scripted.agent.leave()
        assert scripted.agent.ended is None
        scripted.connect()
        scripted.expect(requests.Quit)

    def test_a_key_that_was_asked_for_is_not_waited_for(self):
        scripted = ready()
        scripted.agent.leave()
        assert not scripted.agent.asks_for_key
        scripted.expect(requests.Quit)


def test_a_moved_phase_is_one_that_may_follow():
    agent = Agent(make_profile(), Memory({}), clock=lambda: NOW, random=bytes)
    with pytest.raises(MisuseError):
        agent.disconnected()


class BrittleLine:
    """A connection that breaks at some frames, counted over both directions."""

    def __init__(self, breaks: set[int]) -> None:
        self.breaks = breaks
        self.count = 0

    def carry(self, frames: list[bytes]) -> tuple[list[bytes], bool]:
        """The frames that arrive, and whether it is still whole."""
        for arrived in range(len(frames)):
            self.count += 1
            if self.count in self.breaks:
                return frames[:arrived], False
        return frames, True


def converse(breaks: set[int], rng: random.Random) -> tuple[list[str], list[str], list[str]]:
    """Let alice and bob talk over a brittle line until everything has arrived.

    Gives what the log holds of alice, what she saw of bob, and what was reported as sent.
    """
    server, line, agent = LobbyServer(), BrittleLine(breaks), Scripted().agent
    typed, theirs = WORDS["alice"][:], WORDS["bob"][:]
    told = []
    agent.connected()
    while typed or theirs or agent.undelivered or not server.all_delivered:
        if typed and rng.random() < 0.4:
            agent.type(typed.pop(0))
        if theirs and rng.random() < 0.4:
            server.say("bob", theirs.pop(0))
        frames, whole = line.carry(agent.take_frames())
        back = server.answer(frames)
        if whole:
            back, whole = line.carry(back)
            for frame in back:
                agent.receive(frame)
        if not whole:
            server.hang_up()
            agent.disconnected()
            agent.connected()
        told += agent.take_events()
    return (
        server.texts("alice"),
        [event.message for event in told if isinstance(event, Message)],
        [event.message for event in told if isinstance(event, Sent)],
    )


WORDS = {nick: [f"{nick} {n}" for n in range(6)] for nick in ("alice", "bob")}


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_doubled_or_misordered_wherever_the_connection_breaks(seed):
    for step in range(1, 60):
        stored, seen, sent = converse({step, step + 7, step + 8}, random.Random(seed))
        assert (stored, seen, sent) == (WORDS["alice"], WORDS["bob"], WORDS["alice"]), step


def test_notices_show_no_prefix():
    scripted = ready()
    scripted.type("@status")
    assert scripted.events() == [Notice("Your current status is 'normal'.")]
