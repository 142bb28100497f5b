"""Honest people and insiders, who do anything at random."""

import random
from collections import Counter
from contextlib import suppress

from geventim.chat import codec
from geventim.chat.requests import OpenRoom
from geventim.chat.values import Kind
from geventim.client.causes import Cause
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Error, Message, Sent
from geventim.client.kept.stages import INSIDE, Stage
from geventim.client.people import roster
from geventim.client.people.profile import Keys, Profile
from geventim.client.sealing.engine import Engine
from geventim.errors import PeerError
from geventim.mls.groups.group import Group
from geventim.mls.groups.received import OwnMessageError
from geventim.mls.messages.framing import PrivateMessage
from geventim.mls.messages.message import decode_message
from geventim.mls.tree.nodes import Leaf, Subtree
from tests.client.insiders import take_out
from tests.client.person import SERVER_KEY, Person
from tests.client.surroundings import Line
from tests.client.world import World
from tests.insider import Insider, Move

SETTLED = 120.0
"""Seconds after the last move in which everything is in order again."""


SHARED = 660.0
"""Seconds that newcomers may wait whose like have disturbed the room: they share one budget."""


MOVES = [move for move in Move if move is not Move.ADDITION]
"""What insiders commit that needs nobody's key package."""


LATE = 0.4
"""The share of honest members of a group who are added later."""


UNREAD = {Cause.UNREADABLE.code, Cause.ANOTHER_EPOCH.code, Cause.MISSED.code}
"""What is told of messages that could not be read."""


class Author(Person):
    """Somebody honest, who is ``at`` a conversation that is called ``place``.

    ``said`` has where in the log a message is, and who was in the group when it was said to be
    sent, ``surely`` the entries that were read while it was certain that the state was right by
    which one got in.
    """

    kind: Kind
    place: str
    said: dict[str, tuple[int, frozenset[bytes]]]
    surely: set[int]

    def at(self) -> Conversation:
        return self.conversation(self.kind, self.place)

    def _settle(self) -> None:
        before = len(self.events)
        super()._settle()
        for event in self.events[before:]:
            if isinstance(event, Sent) and event.conversation == self.place:
                seat = self.at().seat
                inside = () if seat is None else roster.members(seat.tree)
                self.said.setdefault(event.message, (event.seq, frozenset(inside)))
            is_here = isinstance(event, Message) and event.conversation == self.place
            # Who has just left a place, and reads aside, is as little certain as who has come.
            record = self.at().record if is_here else None
            if record is not None and not (record.entered or record.contested):
                self.surely.add(event.seq)


class Crowd(World):
    """A world in which some have another client than ours; ``kind`` and ``place`` is where."""

    def __init__(self, seed: int, kind: Kind, place: str) -> None:
        super().__init__(seed)
        self.kind = kind
        self.place = place
        self.insiders: dict[str, tuple[Insider, Line]] = {}

    def person(self, nick: str, room: str = "lobby") -> Person:
        if nick not in self.people:
            author = Author(self, nick, room)
            author.kind, author.place = self.kind, self.place
            author.said, author.surely = {}, set()
            self.people[nick] = author
        return self.people[nick]

    def insider(self, nick: str) -> Insider:
        """Somebody who has registered, and comes into the room, or can be added to the group."""
        draw = self.draw(nick)
        profile = Profile(nick, "lobby", "", SERVER_KEY, Keys.generate(draw))
        line = Line(self, profile.keys.channel.public)

        def send(request: object, payload: bytes) -> None:
            line.up.append(codec.encode(request, payload))

        clock = lambda: self.timers.time  # noqa: E731 - as short as it is
        engine = Engine.of(profile, draw)
        dice = random.Random(f"{self._seed} {nick}")
        insider = Insider(engine, send, clock, dice)
        self.insiders[nick] = insider, line
        send(profile.registration(), b"")
        if self.kind is Kind.ROOM:
            insider.ask(OpenRoom, name=self.place)
        else:
            insider.offer_packages()
        self.run()
        return insider

    def step(self) -> bool:
        busy = [(each, line) for each, line in self.insiders.values() if line.up or line.down]
        if busy and self._dice.random() < 0.5:
            insider, line = self._dice.choice(busy)
            if line.up:
                self._carry_up(line)
            else:
                for message, payload in codec.replies.decode(line.down.popleft()):
                    insider.take(message, payload)
            return True
        for _, line in self.insiders.values():
            if line.behind:
                self._catch_up(line)
                return True
        return super().step() or bool(busy)


class Play:
    """A random play of so many honest members and insiders, the same for the same seed.

    ``gone`` has the insiders who were taken out, and by which commit.
    """

    def __init__(
        self, seed: int, honest: int, insiders: int, kind: Kind = Kind.ROOM, place: str = "lobby"
    ) -> None:
        self.dice = random.Random(seed)
        self.kind, self.place = kind, place
        self.gone: dict[bytes, int] = {}
        self.world = Crowd(seed, kind, place)
        nicks = [f"h{number}" for number in range(honest)]
        some = self.dice.randint(1, honest)
        self.people = self.world.enter(*nicks[:some])
        self.insiders = [self.world.insider(f"m{number}") for number in range(insiders)]
        self.world.advance(2)
        self.people += self.world.enter(*nicks[some:])
        self.steady = {person.nick for person in self.people}
        self.spoken = 0
        self.late: list[str] = []
        if kind is Kind.GROUP:
            self.late = [nick for nick in nicks[1:] if self.dice.random() < LATE]
            self.steady -= {*self.late}
            others = [*nicks[1:], *(f"m{number}" for number in range(insiders))]
            others = [nick for nick in others if nick not in self.late]
            self.people[0].say(f"@group set {place} {','.join(others)}")
            self.world.advance(2)

    def run(self, moves: int) -> None:
        for _ in range(moves):
            if self.insiders and self.dice.random() < 0.5:
                self.spoil(self.dice.choice(self.insiders))
            else:
                self.live(self.dice.choice(self.people))
            for _ in range(self.dice.randrange(40)):
                self.world.step()
            if self.dice.random() < 0.2:
                self.world.advance(self.dice.choice((0.2, 1.0, 5.0, 20.0)))
            self.check()

    def live(self, person: Person) -> None:
        """Something that an honest member does, or that happens to one."""
        dice = self.dice.random()
        if not person.is_connected:
            person.connect()
        elif dice < 0.7:
            self.spoken += 1
            text = f"{person.nick} {self.spoken}"
            person.say(text if self.kind is Kind.ROOM else f"@group send {self.place} {text}")
        elif dice < 0.8:
            self.steady.discard(person.nick)
            person.drop()
        elif dice < 0.9:
            self.steady.discard(person.nick)
            person.dies = self.dice.choice(["shown", "kept", "sent"])
        elif self.late and self.dice.random() < 0.5:
            self.people[0].say(f"@group add {self.place} {self.dice.choice(self.late)}")
        elif self.kind is Kind.GROUP:
            self.remove(self.dice.choice(self.insiders))
        elif len(self.steady) > 1:
            self.steady.discard(person.nick)
            person.say("@leave lobby", "@join lobby")

    def remove(self, insider: Insider) -> None:
        """The founder of the group takes somebody out."""
        founder = self.people[0]
        group = founder.at()
        if founder.is_connected and group.stage is Stage.ACTIVE:
            present = roster.members(group.seat_of().tree)
            if insider.account in present:
                take_out(founder, group, insider.account)

    def spoil(self, insider: Insider) -> None:
        """Something that an insider does."""
        dice = self.dice.random()
        if self.kind is Kind.ROOM and not insider.is_in and insider.info and dice < 0.3:
            insider.come(insider.info)
        elif self.late and insider.is_in and dice < 0.25:
            insider.add(self.dice.choice(self.late))
        elif not insider.is_in or dice < 0.47:
            insider.commit(*self.dice.choices(MOVES, k=self.dice.choice((1, 1, 1, 5))))
        elif dice < 0.5:
            insider.leave()
        elif dice < 0.6:
            insider.say("whatever", self.dice.choice((None, 0, insider.head - 1)))
        elif dice < 0.7:
            insider.ask_for_help()
        elif dice < 0.8:
            insider.accuse(self.dice.choice((insider.head, max(0, insider.head - 1))))
        elif dice < 0.9:
            insider.idle()
        else:
            insider.lies = not insider.lies

    def check(self) -> None:
        """What may never be, whatever happens."""
        for person in self.people:
            for conversation in person.agent.context.conversations:
                assert conversation.stage is not Stage.STOPPED, (
                    person.nick,
                    conversation.record.cause,
                )
        assert self.world.faults == []
        self.check_keys()

    def check_keys(self) -> None:
        """Who was taken out has no key of the tree, whatever it has stored."""
        for person in self.people:
            room = person.at() if person.is_connected and self.has_come(person) else None
            if room is None or not room.in_step:
                continue
            tree, base = room.seat_of().tree, room.record.base
            present = roster.members(tree)
            for insider in self.insiders:
                if insider.account in present:
                    self.gone.pop(insider.account, None)
                elif insider.keys:
                    self.gone.setdefault(insider.account, base)
                    assert not insider.keys & keys_of(tree.root), (person.nick, base)

    def has_come(self, person: Person) -> bool:
        """Whether somebody has heard of the place."""
        known = person.agent.context.conversations
        return any((each.record.kind, each.name) == (self.kind, self.place) for each in known)

    def check_secrecy(self) -> None:
        """Who was taken out opens nothing that was written later.

        What is written by who was lured into a state that was made up is not meant: nobody reads
        that who is certain where they are, and it is written again.
        """
        log = self.world.store._logs[self.people[0].at().id].entries.values()
        surely = {seq for each in self.people if isinstance(each, Author) for seq in each.surely}
        for insider in self.insiders:
            since = self.gone.get(insider.account)
            for entry in log if since is not None else ():
                if entry.seq > since and entry.seq in surely:
                    assert not can_open(insider, entry.payload), (since, entry.seq)

    def end(self) -> None:
        """The insiders do nothing any more, the others have their lines."""
        for insider in self.insiders:
            insider.moves.clear()
        for person in self.people:
            person.dies = "none"
            if not person.is_connected:
                person.connect()
        self.add_late()
        self.world.advance(SETTLED)
        self.check()
        self.check_agreement(self.members())
        self.check_words()
        self.check_secrecy()
        self.check_blame()
        self.world.advance(SHARED)
        self.check_agreement(self.people)

    def add_late(self) -> None:
        """The founder adds who is not in the group yet; that may have to wait for its turn."""
        for _ in range(10):
            present = {person.nick for person in self.members()}
            missing = ",".join(nick for nick in self.late if nick not in present)
            if missing:
                self.people[0].say(f"@group add {self.place} {missing}")
                self.world.advance(SETTLED)

    def members(self) -> list[Person]:
        """The honest people who are in the room, as the server counts."""
        present = self.world.store.members(self.people[0].at().id)
        return [each for each in self.people if each.agent.context.user.account in present]

    def check_blame(self) -> None:
        """Nobody honest is said to have changed the members in another way than was declared."""
        for person in self.people:
            for error in person.seen(Error):
                is_named = error.code == Cause.OTHER_CHANGE.code and error.text.startswith("h")
                assert not is_named, person.nick

    def check_agreement(self, people: list[Person]) -> None:
        """All of them are in step, and in the same epoch."""
        for person in people:
            room = person.at()
            assert room.stage in INSIDE, (person.nick, room.stage)
        self.world.check_agreement(self.place, self.kind)

    def check_words(self) -> None:
        """Everybody who was there has read what was sent to them, once.

        Insiders can have led honest members to two places, with the leaves of some in both. Who
        came to the others only later by a state that was given, has not read what was written there
        before, and was told so.
        """
        for reader in self.members():
            account = reader.agent.context.user.account
            read = Counter(
                (event.nick, event.message)
                for event in reader.seen(Message)
                if event.conversation == self.place
            )
            if reader.nick not in self.steady:
                continue
            assert max(read.values(), default=1) == 1
            missed = {
                (author.nick, message): seq
                for author in self.people
                if author is not reader and isinstance(author, Author)
                for message, (seq, inside) in author.said.items()
                if account in inside and (author.nick, message) not in read
            }
            came = reader.at().record.arrived if self.insiders else 0
            surely = sorted(said for said, seq in missed.items() if seq > came)
            assert not surely, (reader.nick, surely[:5])
            assert not missed or UNREAD & {error.code for error in reader.seen(Error)}, reader.nick


def keys_of(node: Subtree) -> set[bytes]:
    """The public keys of a tree."""
    own = set() if node.node is None else {node.node.encryption_key}
    return own if isinstance(node, Leaf) else own | keys_of(node.left) | keys_of(node.right)


def can_open(insider: Insider, payload: bytes) -> bool:
    """Whether a message opens by anything that ``insider`` has stored."""
    try:
        message = decode_message(payload)
    except PeerError:
        return False
    for vantage, secret in insider.secrets if isinstance(message, PrivateMessage) else ():
        if vantage.public.context.epoch == message.epoch:
            source, policy = insider.engine.random, insider.engine.policy
            with suppress(OwnMessageError, PeerError):
                Group.enter(vantage, secret, random=source, policy=policy).receive(payload)
                return True
    return False
