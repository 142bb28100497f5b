"""An ordinary account on an honest server, whose client is not ours."""

from dataclasses import replace
from typing import Any

from geventim.chat import codec, limits
from geventim.chat.replies import Appended, Opened, Turn
from geventim.chat.requests import (
    Append,
    ClaimKeyPackage,
    Commit,
    OpenDm,
    OpenRoom,
    TakeTurn,
    UploadKeyPackages,
)
from geventim.chat.values import EntryKind, Kind, Purpose
from geventim.client.people.credentials import make_credential
from geventim.client.people.profile import Keys, Profile
from geventim.client.sealing.charter import CAPABILITIES, Charter
from geventim.client.sealing.content import Content, ContentKind
from geventim.client.sealing.content import encode as encode_content
from geventim.client.sealing.declaration import Declaration
from geventim.client.sealing.engine import SUITE, Engine
from geventim.client.sealing.testimony import UNKNOWN, Testimony
from geventim.mls.epochs import epoch as mls_epoch
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.ground.leaf_node import Client
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.group import Group
from geventim.mls.messages.key_package import KeyPackage, UnverifiedKeyPackage
from geventim.mls.messages.message import decode_message, encode_message
from geventim.mls.messages.proposals import Add
from geventim.service.turns.calms import HELP
from tests.client.person import SERVER_KEY
from tests.client.surroundings import Line
from tests.client.world import SERVER_SIGNER, World

NOTHING = Testimony(0, UNKNOWN, 0, 0)


class Mallory:
    """Somebody who says whatever they like; ``leaf_nick`` is what their credentials say."""

    def __init__(self, world: World, nick: str = "mallory", leaf_nick: str = "") -> None:
        self.world = world
        self.nick = nick
        self.random = world.draw(nick)
        self.profile = Profile(nick, "lobby", "", SERVER_KEY, Keys.generate(self.random))
        self.engine = Engine.of(self.profile, self.random)
        if leaf_nick:
            credential = make_credential(SERVER_KEY, self.account, leaf_nick)
            client = Client(self.profile.keys.identity, credential, CAPABILITIES)
            self.engine = replace(self.engine, client=client)
        self.line = Line(world, self.profile.keys.channel.public)
        self.group: Group | None = None
        self.id = self.incarnation = b""
        self.head = 0
        self.ask(self.profile.registration())
        own = self.engine.generate_key_packages(3, world.timers.time)
        self.offer([each.key_package for each in own])

    @property
    def account(self) -> bytes:
        return self.engine.account

    def ask(self, request: Any, payload: bytes = b"") -> tuple[Any, bytes]:
        """Send a request and let the world move on; its reply."""
        self.world.service.receive(self.line.session, codec.encode(request, payload))
        self.world.run()
        return self._reply(request.id)

    def _reply(self, number: int) -> tuple[Any, bytes]:
        answers = list(codec.replies.decode(b"".join(self.line.down)))
        self.line.down.clear()
        found = [each for each in answers if getattr(each[0], "id", None) == number]
        return found[-1] if found else (None, b"")

    def offer(self, packages: list[KeyPackage]) -> None:
        """Let others add us with these key packages."""
        encoded = [encode_message(package) for package in packages]
        sizes, payload = tuple(map(len, encoded)), b"".join(encoded)
        self.ask(UploadKeyPackages(id=1, sizes=sizes, payload=len(payload)), payload)

    def offer_only(self, package: KeyPackage) -> None:
        """Let others add us with this key package, and with no other."""
        self.offer([package] * limits.KEY_PACKAGES)

    def join(self, name: str = "lobby") -> None:
        """Join a room from outside."""
        opened, _ = self.ask(OpenRoom(id=5, name=name))
        assert isinstance(opened, Opened)
        self.id, self.incarnation = opened.conversation.id, opened.conversation.incarnation
        group_info = self.turn(Purpose.JOIN)
        entrance = self.engine.read_entrance(group_info)
        declared = _declare(entrance.public)
        self.group, message = self.engine.enter(
            entrance, None, lambda _: None, None, lambda _: declared
        )
        reply = self.commit(message, self.group.group_info(), added=(self.account,))
        assert isinstance(reply, Appended), reply
        self.world.advance(1)

    def turn(self, purpose: Purpose = Purpose.COMMIT) -> bytes:
        """Take the turn, at once or after the calm; the state of the group that is given."""
        asked = TakeTurn(id=2, conversation=self.id, purpose=purpose, state=True)
        turn, group_info = self.ask(asked)
        if turn is None:
            self.world.advance(HELP)
            turn, group_info = self._reply(asked.id)
        assert isinstance(turn, Turn)
        self.head = turn.head
        return group_info

    def update(self, group_info: bytes | None = None, **fields: Any) -> Any:
        """Commit fresh keys; others get ``group_info`` for it."""
        self.turn()
        assert self.group is not None
        declared = _declare(self.group.vantage.public)
        request = CommitRequest((), now=int(self.world.timers.time), authenticated_data=declared)
        staged = self.group.commit(request, public=True)
        self.group.merge(staged)
        made = self.group.group_info() if group_info is None else group_info
        return self.commit(staged.message, made, **fields)

    def begin_dm(self, nick: str, epoch: int = 0) -> None:
        """Begin the conversation with ``nick``, in a group that is in ``epoch`` then."""
        opened, _ = self.ask(OpenDm(id=7, nick=nick))
        self.id, self.incarnation = opened.conversation.id, opened.conversation.incarnation
        _, payload = self.ask(ClaimKeyPackage(id=8, nick=nick))
        package = decode_message(payload)
        assert isinstance(package, UnverifiedKeyPackage)
        verified = package.verify(SUITE)
        self.turn()
        self.group = self.found(Kind.DM, epoch)
        request = CommitRequest(
            (Add(verified),),
            now=int(self.world.timers.time),
            force_path=False,
            authenticated_data=_declare(self.group.vantage.public),
        )
        staged = self.group.commit(request, public=True)
        self.group.merge(staged)
        welcome = staged.welcome or b""
        self.commit(
            staged.message,
            self.group.group_info(),
            welcome=welcome,
            added=(opened.conversation.peer.account,),
        )
        self.world.advance(1)

    def found(self, kind: Kind, epoch: int) -> Group:
        """A group of their own for the conversation, whose first epoch is ``epoch``."""
        charter = Charter.found(
            kind,
            self.id,
            server=SERVER_SIGNER.public,
            incarnation=self.incarnation,
            key=self.profile.keys.identity,
            name="" if kind is Kind.DM else "lobby",
        )
        make = mls_epoch.GroupContext

        def context(*fields: Any) -> Any:
            return make(*fields[:3], epoch, *fields[4:])

        mls_epoch.GroupContext = context
        try:
            return self.engine.found(self.id, charter, self.world.timers.time)
        finally:
            mls_epoch.GroupContext = make

    def commit(self, message: bytes, group_info: bytes, welcome: bytes = b"", **fields: Any) -> Any:
        """Put a commit into the log, as it is."""
        payload = message + welcome + group_info
        request = Commit(
            id=3,
            conversation=self.id,
            message_id=self.random(16),
            head=self.head,
            payload=len(payload),
            message=len(message),
            welcome=len(welcome),
            **fields,
        )
        reply, _ = self.ask(request, payload)
        if isinstance(reply, Appended):
            self.head = reply.seq
        return reply

    def say(
        self,
        text: str,
        testimony: Testimony = NOTHING,
        kind: ContentKind = ContentKind.ROOM,
        nick: str = "",
    ) -> None:
        """Send a message that says so."""
        said = Content(nick or self.nick, text, self.world.timers.time, kind)
        self.send(encode_content(said), testimony.encode())

    def send(self, data: bytes, authenticated: bytes) -> None:
        """Seal whatever it is, and put it into the log."""
        assert self.group is not None
        self.append(self.group.send(data, authenticated))

    def append(self, payload: bytes, kind: EntryKind = EntryKind.MESSAGE) -> None:
        """Put an entry into the log; it is there then."""
        request = Append(
            id=4,
            conversation=self.id,
            message_id=self.random(16),
            head=self.head,
            payload=len(payload),
            kind=kind,
        )
        reply, _ = self.ask(request, payload)
        assert isinstance(reply, Appended), reply


def _declare(public: PublicState) -> bytes:
    """What a commit says that takes nobody out."""
    return Declaration(public.interim_transcript_hash).encode()
