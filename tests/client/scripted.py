"""An agent and the server end of its connection, played by the test: values in, values out."""

from typing import Any

import msgspec

from geventim.chat import codec, replies, requests
from geventim.chat.replies import ConversationInfo
from geventim.chat.values import EntryKind, Kind
from geventim.client import events
from geventim.client.agent import Agent, Phase
from geventim.client.content import Content, ContentKind, decode, encode
from geventim.client.memory import Memory
from geventim.client.profile import Keys, Profile
from geventim.client.secret import stretch

SERVER_KEY = b"k" * 32
NOW = 1_700_000_000.0

LOBBY = ConversationInfo(b"L" * 16, Kind.ROOM, "lobby")
FRIENDS = ConversationInfo(b"F" * 16, Kind.GROUP, "friends")
BOB = ConversationInfo(b"B" * 16, Kind.DM, "bob")


class Counter:
    """Different bytes each time, and the same ones in every run."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return self.count.to_bytes(size, "big")


def make_profile(nick: str = "alice", code: str = "") -> Profile:
    keys = Keys.generate(lambda size: bytes(range(size)))
    return Profile(nick, "lobby", "127.0.0.1:5555", SERVER_KEY, keys, code)


class Scripted:
    """``alice``, and everything the server would do."""

    def __init__(self, kept: dict[str, bytes] | None = None, profile: Profile | None = None):
        self.memory = Memory(kept or {})
        self.now = NOW
        self.agent = Agent(
            profile or make_profile(), self.memory, clock=lambda: self.now, random=Counter()
        )
        self.open: list[tuple[requests.Request, bytes]] = []

    def asked(self) -> list[tuple[requests.Request, bytes]]:
        """The requests that came since the last call; they wait for their answers."""
        data = b"".join(self.agent.take_frames())
        new = [(request, payload) for request, payload in codec.requests.decode(data)]
        assert not any(isinstance(request, codec.Malformed) for request, _ in new), new
        self.open += new
        return new

    def expect(self, kind: type) -> Any:
        """The only new request, which is of type ``kind``."""
        asked = self.asked()
        assert [type(request) for request, _ in asked] == [kind]
        return asked[0][0]

    def answer(self, reply: type, **fields: Any) -> None:
        """Reply to the oldest request that waits."""
        self.asked()
        request, _ = self.open.pop(0)
        self.tell(reply(id=request.id, **fields))

    def refuse(self, code: str, text: str, advice: str = "") -> None:
        self.answer(replies.Error, code=code, text=text, advice=advice)

    def tell(self, message: msgspec.Struct, payload: bytes = b"") -> None:
        self.agent.receive(codec.encode(message, payload))

    def entry(
        self,
        seq: int,
        author: str = "bob",
        conversation: ConversationInfo = LOBBY,
        kind: EntryKind = EntryKind.MESSAGE,
        payload: bytes = b"",
        added: tuple[str, ...] = (),
    ) -> None:
        self.tell(
            replies.EntryEvent(
                conversation=conversation.id,
                seq=seq,
                time=NOW,
                author=author,
                kind=kind,
                added=added,
                payload=len(payload),
            ),
            payload,
        )

    def message(
        self,
        seq: int,
        text: str,
        author: str = "bob",
        conversation: ConversationInfo = LOBBY,
        kind: ContentKind = ContentKind.ROOM,
    ) -> None:
        content = encode(Content(author, text, NOW, kind))
        self.entry(seq, author, conversation, payload=content)

    def connect(self, *conversations: ConversationInfo) -> None:
        """Come in, as an account that is a member of ``conversations`` and of the lobby."""
        self.open.clear()
        self.agent.connected()
        self.expect(requests.Login)
        self.answer(
            replies.LoggedIn, nick="alice", status="normal", conversations=(LOBBY, *conversations)
        )
        self.answer_subscriptions()
        assert self.agent.phase is Phase.READY

    def answer_subscriptions(self) -> None:
        """Answer whatever it takes to be in the lobby."""
        while self.agent.phase is Phase.ENTERING:
            self.asked()
            request = self.open[0][0]
            if isinstance(request, requests.OpenRoom):
                self.answer(replies.Opened, conversation=LOBBY)
            else:
                assert isinstance(request, requests.Subscribe)
                self.answer(replies.Subscribed, after=request.after, head=request.after)

    def events(self) -> list[events.Event]:
        return self.agent.take_events()

    def work(self) -> None:
        """Stretch what waits to be stretched."""
        for work in self.agent.take_work():
            self.agent.stretched(work, stretch(work.wish.passphrase, work.wish.salt))

    def type(self, *lines: str) -> None:
        for line in lines:
            self.agent.type(line)


def ready(*conversations: ConversationInfo, kept: dict[str, bytes] | None = None) -> Scripted:
    """An agent that is in the lobby and has told so."""
    scripted = Scripted(kept)
    scripted.connect(*conversations)
    scripted.events()
    return scripted


class LobbyServer:
    """The lobby as a server keeps it: appends with the same message id are one entry."""

    def __init__(self) -> None:
        self.log: list[tuple[str, bytes, bytes]] = []
        self.delivered: int | None = None

    @property
    def all_delivered(self) -> bool:
        return self.delivered == len(self.log)

    def say(self, author: str, text: str) -> None:
        content = Content(author, text, NOW, ContentKind.ROOM)
        self.append(author, text.encode(), encode(content))

    def texts(self, author: str) -> list[str]:
        kinds = frozenset({ContentKind.ROOM})
        return [
            decode(payload, nick, kinds).message for nick, _, payload in self.log if nick == author
        ]

    def append(self, author: str, message_id: bytes, payload: bytes) -> int:
        for seq, entry in enumerate(self.log, 1):
            if entry[:2] == (author, message_id):
                return seq
        self.log.append((author, message_id, payload))
        return len(self.log)

    def hang_up(self) -> None:
        self.delivered = None

    def answer(self, frames: list[bytes]) -> list[bytes]:
        """The replies to alice's frames, and every entry that she has not got yet."""
        sent = [
            codec.encode(self.reply(request, payload))
            for request, payload in codec.requests.decode(b"".join(frames))
        ]
        while self.delivered is not None and not self.all_delivered:
            author, _, payload = self.log[self.delivered]
            self.delivered += 1
            event = replies.EntryEvent(
                conversation=LOBBY.id,
                seq=self.delivered,
                time=NOW,
                author=author,
                payload=len(payload),
            )
            sent.append(codec.encode(event, payload))
        return sent

    def reply(self, request: Any, payload: bytes) -> replies.Reply:
        match request:
            case requests.Login():
                return replies.LoggedIn(
                    id=request.id, nick="alice", status="normal", conversations=(LOBBY,)
                )
            case requests.OpenRoom():
                return replies.Opened(id=request.id, conversation=LOBBY)
            case requests.Subscribe():
                self.delivered = request.after
                return replies.Subscribed(id=request.id, after=request.after, head=len(self.log))
            case requests.Append():
                seq = self.append("alice", request.message_id, payload)
                return replies.Appended(id=request.id, seq=seq, time=NOW)
        raise AssertionError(request)
