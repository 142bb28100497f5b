"""What a server that is not honest can do: change what it says, help a stranger, tell two tales.

A person's ``tamper`` gets what the server says to them; :func:`altering` makes one. A
:class:`Stranger` has an account and does by hand what no client of ours does, with a server that
counts them in wherever they like. A :class:`ForkingWorld` continues one history in two ways.
"""

import copy
from collections.abc import Callable
from typing import Any

import msgspec

from geventim.chat import codec
from geventim.chat.replies import Appended, EntryEvent, Turn
from geventim.chat.replies import Person as Introduction
from geventim.chat.requests import Commit, Login, TakeTurn, UploadKeyPackages
from geventim.chat.values import Conversation, Entry, EntryKind, Purpose
from geventim.client.causes import Cause
from geventim.client.conversation.conversation import Conversation as Talk
from geventim.client.events import Notice
from geventim.client.people.profile import Keys, Profile
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.declaration import Declaration
from geventim.client.sealing.engine import SUITE, Engine
from geventim.client.sealing.seat import Seat
from geventim.errors import PeerError
from geventim.log.changes import TakeKeyPackage
from geventim.log.outcomes import Taken
from geventim.log.pages import Interval
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.group import Group
from geventim.mls.messages import key_package
from geventim.mls.messages.message import decode_message, encode_message
from geventim.mls.messages.proposals import Add
from geventim.mls.schedule.psk import PskName, PskSource, no_psks
from geventim.service.dispatch import Service
from geventim.store.memory.store import MemoryStore
from tests.client.person import SERVER_KEY, Frames, Person
from tests.client.surroundings import Journal, Line
from tests.client.world import SERVER_SIGNER, World

replace = msgspec.structs.replace

Change = Callable[[Any, bytes], Frames]


def altering(
    kind: type, change: Change, *, entry: EntryKind | None = None, times: int = 1
) -> Change:
    """A server that changes so many of its messages of this ``kind``, and entries of that one."""
    left = [times]

    def tamper(message: Any, payload: bytes) -> Frames:
        fits = isinstance(message, kind) and entry in {None, getattr(message, "kind", None)}
        if not fits or not left[0]:
            return [(message, payload)]
        left[0] -= 1
        return change(message, payload)

    return tamper


def on_messages(change: Change, times: int = 1) -> Change:
    """A server that changes so many messages on their way."""
    return altering(EntryEvent, change, entry=EntryKind.MESSAGE, times=times)


def on_commits(change: Change, times: int = 1) -> Change:
    """A server that changes so many commits on their way."""
    return altering(EntryEvent, change, entry=EntryKind.COMMIT, times=times)


def setting(**fields: Any) -> Change:
    """Changes that put other values into fields."""
    return lambda message, payload: [(replace(message, **fields), payload)]


def giving(group_info: bytes) -> Change:
    """A server that gives out this GroupInfo with a turn, as often as one is asked for."""
    return altering(Turn, lambda turn, _: [(turn, group_info)], times=1000)


def damaged(payload: bytes) -> bytes:
    """The same but for one bit, which is signed."""
    middle = len(payload) // 2
    return payload[:middle] + bytes([payload[middle] ^ 1]) + payload[middle + 1 :]


class Stranger:
    """Somebody with an account of their own and a connection, who is in no conversation yet."""

    def __init__(self, world: World, nick: str = "mallory") -> None:
        self.world = world
        random = world.draw(nick)
        self.profile = Profile(nick, "lobby", "", SERVER_KEY, Keys.generate(random))
        self.engine = Engine.of(self.profile, random)
        self.random = random
        self.line = Line(world, self.profile.keys.channel.public)
        self.ask(self.profile.registration())
        own = self.engine.generate_key_packages(2, world.timers.time)
        encoded = [encode_message(each.key_package) for each in own]
        sizes = tuple(map(len, encoded))
        payload = b"".join(encoded)
        self.ask(UploadKeyPackages(id=1, sizes=sizes, payload=len(payload)), payload)

    @property
    def account(self) -> bytes:
        return self.engine.account

    @property
    def introduction(self) -> Introduction:
        """How the server introduces them."""
        return Introduction(self.profile.nick, self.account, self.profile.keys.identity.public)

    def ask(self, request: Any, payload: bytes = b"") -> tuple[Any, bytes]:
        """Send a request; the reply, or else the last that the server says then."""
        self.world.service.receive(self.line.session, codec.encode(request, payload))
        self.world.run()
        answers = list(codec.replies.decode(b"".join(self.line.down)))
        self.line.down.clear()
        replies = [each for each in answers if getattr(each[0], "id", None) == request.id]
        return (replies or answers or [(None, b"")])[-1]

    def be_counted_in(self, conversation: bytes) -> None:
        """The server makes them a member, by its books."""
        last = self.world.store.head(conversation).seq
        count_in(self.world.store, conversation, self.account, last)
        self.world.service.end(self.line.session)
        self.line = Line(self.world, self.profile.keys.channel.public)
        self.ask(Login(id=1, nick=self.profile.nick))

    def join(
        self, conversation: bytes, name: PskName | None = None, psks: PskSource = no_psks
    ) -> Group:
        """Join from outside, whether that is allowed or not."""
        self.be_counted_in(conversation)
        request = TakeTurn(id=2, conversation=conversation, purpose=Purpose.REENTER, state=True)
        turn, group_info = self.ask(request)
        entrance = self.engine.read_entrance(group_info)
        declared = Declaration(entrance.public.interim_transcript_hash).encode()
        group, message = self.engine.enter(entrance, name, psks, None, lambda _: declared)
        reply = self.commit(conversation, turn.head, message, group.group_info())
        assert isinstance(reply, Appended), reply
        return group

    def commit(
        self, conversation: bytes, head: int, message: bytes, group_info: bytes, **fields: Any
    ) -> Any:
        """Put a commit into the log."""
        payload = message + group_info
        request = Commit(
            id=3,
            conversation=conversation,
            message_id=self.random(16),
            head=head,
            payload=len(payload),
            message=len(message),
            **fields,
        )
        return self.ask(request, payload)[0]

    def take_key_package(self) -> key_package.KeyPackage:
        """One of their own."""
        return take_key_package(self.world, self.account)

    def forge(
        self,
        conversation: Conversation,
        *victims: Person,
        epoch: int = 50,
        charter: Charter | None = None,
    ) -> "Forgery":
        """A group of their own for a conversation, with the key packages of others in it.

        Its ``charter`` can be that of the group that there is.
        """
        group = self.engine.found(
            conversation.id,
            charter
            or Charter.found(
                conversation.kind,
                conversation.id,
                server=SERVER_SIGNER.public,
                incarnation=conversation.incarnation,
                key=self.profile.keys.identity,
                gate=conversation.gate,
                name=conversation.name,
            ),
            self.world.timers.time,
        )
        accounts = [victim.agent.context.user.account for victim in victims]
        adds = tuple(Add(take_key_package(self.world, account)) for account in accounts)
        now = int(self.world.timers.time)
        while group.epoch < epoch:
            group.merge(group.commit(CommitRequest((), now=now), public=True))
        staged = group.commit(CommitRequest(adds, now=now), public=True)
        group.merge(staged)
        return Forgery(group, staged.message, staged.welcome or b"")


class Forgery:
    """A group that its members know nothing of, and how they are lured into it."""

    def __init__(self, group: Group, message: bytes, welcome: bytes) -> None:
        self.group = group
        self.message = message
        self.welcome = welcome

    @property
    def group_info(self) -> bytes:
        return self.group.group_info()

    def invite(self, seq: int, author: Introduction, victim: Person) -> tuple[EntryEvent, bytes]:
        """The commit that invites ``victim`` as if it were of ``author`` and next in the log."""
        account = victim.agent.context.user.account
        introduction = Introduction(victim.nick, account, victim.profile.keys.identity.public)
        payload = self.message + self.welcome
        event = EntryEvent(
            conversation=self.group.group_id,
            seq=seq,
            time=0,
            author=author.nick,
            account=author.account,
            message_id=b"i" * 16,
            kind=EntryKind.COMMIT,
            head=0,
            added=(introduction,),
            welcome=len(self.welcome),
            payload=len(payload),
        )
        return event, payload


def take_key_package(world: World, account: bytes) -> key_package.KeyPackage:
    """One that the server holds."""
    (taken,) = world.store.commit([TakeKeyPackage(account, 0)])
    assert isinstance(taken, Taken)
    message = decode_message(taken.package)
    assert isinstance(message, key_package.UnverifiedKeyPackage)
    return message.verify(SUITE)


def count_in(store: MemoryStore, conversation: bytes, account: bytes, since: int) -> None:
    """Let ``account`` be a member by the books of a server that lies."""
    known = store._logs[conversation]
    roster = known.log.roster
    had = roster.intervals.get(account, ())
    intervals = {**roster.intervals, account: (*had, Interval(since))}
    members = known.log.members + 1
    roster = msgspec.structs.replace(roster, intervals=intervals)
    known.log = msgspec.structs.replace(known.log, roster=roster, members=members)


def introduce(person: Person) -> Introduction:
    """How the server introduces ``person``."""
    return Introduction(
        person.nick, person.agent.context.user.account, person.profile.keys.identity.public
    )


class Branch:
    """One of the two histories: a server of its own."""

    def __init__(self, world: World, store: MemoryStore) -> None:
        self.store = store
        self.audiences = world.audiences
        self.service = Service(
            Journal(store),
            world.timers,
            world._audience,
            world.draw("branch"),
            SERVER_SIGNER,
            world._policy,
        )

    def event(self, conversation: bytes, seq: int) -> tuple[EntryEvent, bytes]:
        """An entry as it is told to the members."""
        entry = self.store._logs[conversation].entries[seq]
        return event_of(self.store, entry), entry.payload


def event_of(store: MemoryStore, entry: Entry) -> EntryEvent:
    """How an entry is told to those who are members already."""
    author = store.account(entry.author)
    assert author is not None
    return EntryEvent(
        conversation=entry.conversation,
        seq=entry.seq,
        time=entry.time,
        author=author.nick,
        account=author.id,
        message_id=entry.message_id,
        kind=entry.kind,
        head=entry.head,
        payload=len(entry.payload),
    )


class ForkingWorld(World):
    """A world whose server can let some people live in a history of their own."""

    def fork(self, *people: Person) -> Branch:
        """From now on ``people`` are told another history than the rest."""
        store = MemoryStore()
        kept = {name: value for name, value in vars(self.store).items() if name != "_lock"}
        vars(store).update(copy.deepcopy(kept))
        branch = Branch(self, store)
        for person in people:
            person.drop()
            self.connect(person, branch)
        return branch

    def connect(self, person: Person, branch: Branch) -> None:
        """Let somebody who is not connected come to that history."""
        person.connect()
        assert person.line is not None
        person.line._world = branch

    def _carry_up(self, line: Line) -> None:
        frame = line.up.popleft()
        if not line.closed:
            line._world.service.receive(line.session, frame)

    def _catch_up(self, line: Line) -> None:
        line.behind = not line.closed and line._world.service.catch_up(line.session)


def say(world: World, person: Person, *lines: str) -> list[str]:
    """Let somebody type lines; the codes of what went wrong for them."""
    before = len(person.errors())
    person.say(*lines)
    world.advance()
    return person.errors()[before:]


def key_of(person: Person) -> str:
    """The key of a room that was shown to ``person`` last."""
    shown = [notice.text for notice in person.seen(Notice) if notice.code == "new_key"]
    return shown[-1].split(": ")[-1]


def lose_seat(world: World, person: Person, conversation: Talk) -> None:
    """Have a person's client get in anew, knowing no state: as after a Welcome that is no good."""
    conversation.give_up_seat()
    conversation.fall_outside(Cause.BAD_WELCOME, author="bob")
    person.tick()
    world.advance()


def kick(world: World, conversation: bytes, person: Person) -> None:
    """Have the server put somebody out."""
    known = world.store.conversation(conversation)
    assert known is not None
    world.service.kick(known, person.agent.context.user.account, lambda outcome: None)
    world.advance(1)


def shut_out(person: Person, conversation: Talk) -> None:
    """Let a person's client have the secrets of the group no more, as after a commit of noise."""
    seat = conversation.seat_of()
    conversation.seat = Seat(seat.vantage)
    conversation.fall_outside(Cause.OWN_COPY)
    person.stir()


def can_read(world: World, conversation: bytes, group: Group) -> bool:
    """Whether ``group`` opens any message in a log."""
    for entry in world.store._logs[conversation].entries.values():
        if entry.kind is EntryKind.MESSAGE:
            try:
                group.receive(entry.payload)
            except PeerError:
                continue
            return True
    return False
