"""F8: whatever a server says to an agent, in any order, is taken or refused as the peer's fault."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from geventim.chat import codec, replies, requests
from geventim.chat.codec import encode
from geventim.client.agent import Agent
from geventim.client.events import to_object
from geventim.client.kept.memory import Memory
from geventim.client.people.profile import Profile
from geventim.client.phases import Phase
from geventim.client.steps.effects import Labour
from geventim.errors import PeerError, UserError
from geventim.lines.line_mode import LineMode
from tests.chat.test_codec import any_reply
from tests.client.world import QUICK, World

LINES = [
    "hello",
    "@bob hello",
    "@names",
    "@group set squad bob",
    "@group send team hello",
    "@status",
    "@secret bob k t",
    "@verify bob",
    "@rooms",
    "@join den",
    "@leave",
    "@rejoin",
]


@dataclass(frozen=True)
class Scene:
    """Alice as she was at ``now``, and what an honest server has said to her since.

    She is in the lobby and in a group, talks with bob, and gets into another group.
    """

    profile: Profile
    kept: dict[str, bytes]
    now: float
    login: replies.LoggedIn
    lobby: replies.ConversationInfo
    said: list[tuple[Any, bytes]]


def stage():
    world = World()
    alice, bob = world.enter("alice", "bob")
    alice.say("@group set team bob", "@bob hi")
    world.advance()
    alice.drop()
    kept = dict(alice.kept)
    bob.say("one", "@alice two", "@group send team three", "@group set crew alice")
    world.enter("carol")
    bob.say("four", "@group send crew five")
    world.advance()
    said = []

    def listen(message, payload):
        said.append((message, payload))
        yield message, payload

    alice.tamper = listen
    alice.start()
    world.advance()
    alice.say("@verify bob", "@names", "@group set squad bob carol")
    world.advance()
    (login,) = [message for message, _ in said if isinstance(message, replies.LoggedIn)]
    infos = [info for info in login.conversations if info.id.hex() in "".join(kept)]
    (lobby,) = [info for info in infos if info.name == "lobby"]
    login = replace(login, conversations=tuple(infos))
    assert {type(message) for message, _ in said} > {
        replies.EntryEvent,
        replies.KeyPackage,
        replies.Subscribed,
        replies.Turn,
    }
    return Scene(alice.profile, kept, world.timers.time, login, lobby, said)


@pytest.fixture(scope="module")
def scene():
    return stage()


class Counter:
    """Different bytes each time, and the same ones in every run."""

    def __init__(self):
        self.count = 0

    def __call__(self, size):
        self.count += 1
        return self.count.to_bytes(32, "big")[-size:].rjust(size, b"r")


class Play:
    """Alice, and the server end of her connection."""

    def __init__(self, scene):
        self.scene = scene
        self.kept = dict(scene.kept)
        self.random = Counter()
        self.open = []
        self.lines = LineMode("alice", "lobby")
        self.agent = self.make_agent()

    def make_agent(self):
        return Agent(
            self.scene.profile,
            Memory(self.kept),
            clock=lambda: self.scene.now,
            random=self.random,
            measures=QUICK,
        )

    def settle(self):
        """Take all that has come of something: what leaves can be read, and what is shown too."""
        agent = self.agent
        shown = agent.take_events()
        assert all(to_object(event) for event in shown)
        turns = [self.lines.take(event) for event in shown]
        for name, value in agent.take_changes().items():
            if value is None:
                self.kept.pop(name, None)
            else:
                self.kept[name] = value
        asked = [request for request, _ in codec.requests.decode(b"".join(agent.take_frames()))]
        assert not any(isinstance(request, codec.Malformed) for request in asked), asked
        self.open += asked
        for turn in turns:
            self.follow(turn)

    def follow(self, turn):
        """Do what comes of something that was typed, or shown."""
        for wish in turn.wishes:
            self.agent.grant(wish)
        if turn.leaves:
            self.agent.leave()
        if turn.wishes:
            self.settle()

    def work(self):
        """Do the work that waits, but for the stretching of keys, which never ends here."""
        for work in self.agent.take_work():
            if work.wish.labour is Labour.STRETCHING:
                continue
            try:
                result = work.wish.call()
            except (UserError, PeerError) as error:
                self.agent.failed(work, error)
            else:
                self.agent.finished(work, result)
            self.settle()

    def connect(self):
        """Begin a connection with a server that is honest as long as alice comes in."""
        self.open.clear()
        self.agent.connected()
        self.settle()
        assert [type(request) for request in self.open] == [requests.Login]
        while self.open and self.agent.phase is Phase.ENTERING:
            self.agent.receive(encode(self.answer(self.open.pop(0))))
            self.settle()

    def answer(self, request):
        match request:
            case requests.Login():
                return replace(self.scene.login, id=request.id)
            case requests.OpenRoom():
                return replies.Opened(id=request.id, conversation=self.scene.lobby)
            case requests.Subscribe():
                after, past = request.after, request.hash or bytes(32)
                return replies.Subscribed(id=request.id, after=after, head=after, hash=past)
        return replies.Error(id=request.id, code="busy", text="Not now.")


LIKELY = st.sampled_from([True, True, True, False])
PLACE = st.integers(0, 59)


def record(play, data):
    """One message or reply, more often than not one that fits to what was said before."""
    scene = play.scene
    conversations = play.agent.context.conversations
    if data.draw(st.booleans()):
        message, payload = data.draw(st.sampled_from(scene.said))
    else:
        message = data.draw(any_reply)
        payload = data.draw(
            st.binary(max_size=40) | st.sampled_from([payload for _, payload in scene.said])
        )
    people = [person for message, _ in scene.said for person in getattr(message, "added", ())]
    near = {
        "id": [request.id for request in play.open] or [1],
        "conversation": [each.id for each in conversations],
        "seq": [each.record.position.seq + 1 for each in conversations],
        "author": ["alice", "bob", "carol", "[Server]", ""],
        "account": [person.account for person in people],
    }
    for name, values in near.items():
        # The conversation of some messages is more than its id.
        if isinstance(getattr(message, name, None), int | bytes | str) and data.draw(LIKELY):
            # What is drawn must not hang on what the agent has done.
            message = replace(message, **{name: values[data.draw(PLACE) % len(values)]})
    if not hasattr(message, "payload"):
        return encode(message)
    return encode(replace(message, payload=len(payload)), payload)


@given(st.lists(st.sampled_from(LINES), max_size=4), st.booleans(), st.data())
def test_any_words_are_taken_or_refused(scene, lines, offline, data):
    play = Play(scene)
    play.connect()
    agent = play.agent
    assert agent.phase is Phase.READY
    for line in lines:
        play.follow(play.lines.type(line))
    play.settle()
    if offline:
        agent.disconnected()
    for _ in range(data.draw(st.integers(1, 8))):
        if agent.phase is Phase.OFFLINE:
            play.open.clear()
            agent.connected()
        play.settle()
        garbage = data.draw(st.integers(0, 9)) == 0
        words = data.draw(st.binary(max_size=60)) if garbage else record(play, data)
        try:
            agent.receive(words)
            play.settle()
            play.work()
        except PeerError:
            agent.disconnected()
            play.settle()
    if agent.phase in {Phase.ENTERING, Phase.READY}:
        agent.disconnected()
        play.settle()
    if agent.phase is not Phase.ENDED:
        play.connect()
    # What was kept of it is something to begin with, too.
    play.agent = play.make_agent()
    play.connect()


def test_an_honest_word_is_taken(scene):
    """The scene is one: what the server has said since is read by whoever was in it."""
    play = Play(scene)
    play.connect()
    texts = []
    for message, payload in scene.said:
        if isinstance(message, replies.EntryEvent) and message.conversation == scene.lobby.id:
            play.agent.receive(encode(message, payload))
            texts += [getattr(event, "message", "") for event in play.agent.take_events()]
            play.settle()
    assert [text for text in texts if text] == ["one", "four"]
