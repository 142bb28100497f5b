"""Insiders in a room whose members have a lot to do: it takes them long to read, ask and help."""

from geventim.chat import codec
from geventim.chat.values import Kind
from geventim.client.events import Message
from tests.client.plays import Crowd
from tests.insider import Move

HONEST, INSIDERS = 16, 3

STEPS = 2
"""How much happens in a hundredth of a second: three times what talking takes."""

LATE = 15.0
"""Seconds after the attack in which everybody has read everything."""


class Attacked(Crowd):
    """A room in which ``talkers`` say something ten times a second."""

    def __init__(self) -> None:
        super().__init__(1, Kind.ROOM, "lobby")
        self.members = self.enter(*(f"h{number}" for number in range(HONEST)))
        for number in range(INSIDERS):
            self.insider(f"m{number}")
        self.advance(15)
        for insider, _ in self.insiders.values():
            insider.say("hello")
        self.advance(15)
        self.said: list[str] = []

    def talk(self, seconds: float) -> None:
        end = self.timers.time + seconds
        while self.timers.time < end:
            self.said.append(f"say {len(self.said)}")
            self.members[len(self.said) % 2].say(self.said[-1])
            for _ in range(10):
                insiders, self.insiders = self.insiders, {}
                self.crawl(0.01, STEPS)
                self.insiders = insiders
                self.let_insiders_act()

    def let_insiders_act(self) -> None:
        """They are as quick as can be, and what they do costs the others nothing."""
        while busy := [each for each in self.insiders.values() if each[1].up or each[1].down]:
            for insider, line in busy:
                if line.up:
                    self._carry_up(line)
                for message, payload in codec.replies.decode(b"".join(line.down)):
                    insider.take(message, payload)
                line.down.clear()

    def disperse(self) -> None:
        """The insiders are gone."""
        for _, line in self.insiders.values():
            line.hang_up()
        self.insiders.clear()


def test_members_who_are_slow_do_not_shut_each_other_out_one_after_the_other() -> None:
    """Who got in anew is given the time to help, and helping does not take all of that."""
    room = Attacked()
    for _ in range(5):
        for insider, _ in room.insiders.values():
            if not insider.moves:
                insider.commit(Move.NOISE)
        room.talk(1)
    room.disperse()
    said = set(room.said)
    room.talk(LATE)
    for reader in room.members[2:]:
        assert said <= {event.message for event in reader.seen(Message)}, reader.nick
