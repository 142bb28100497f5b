"""Those who wait in a line, or have the turn."""

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.replies import Turn
from geventim.chat.values import Purpose


def wait(client, room, number=7, purpose=Purpose.COMMIT, **fields):
    """Ask for a turn; the function that finds its replies."""
    client.say(ask.TakeTurn(id=number, conversation=room, purpose=purpose, **fields))
    return lambda: client.replies(number)


def granted(*replies):
    """Which of those who wait have their turn."""
    return [any(isinstance(each, Turn) for each in found()) for found in replies]


class Holder:
    """A member who holds every turn until it has passed, saying that it is to get in anew.

    If it ``commits``, it does so just before, so that nothing has passed.
    """

    def __init__(self, world, nick, room, commits):
        self.timers, self.room, self.commits = world.timers, room, commits
        self.client = world.enter(nick)
        self.client.room()
        self.ask()

    def ask(self):
        self.client.received.clear()
        self.waiting = wait(self.client, self.room, purpose=Purpose.REENTER)
        self.held = None

    def act(self):
        if granted(self.waiting) == [False]:
            return
        now = self.timers.now()
        if self.held is None:
            self.held = now
        elif self.commits and now - self.held > limits.SHARED_TURN - 0.3:
            self.client.commit(self.room, message=b"noise")
            self.ask()
        elif now - self.held > limits.SHARED_TURN:
            self.ask()
