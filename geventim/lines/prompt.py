"""Asking for the key of a secret: what is typed from then on is a key, and said to nobody.

A wrong key leaves the question open, since what is typed next is most likely the right one. What
comes while a key is tried is held until it is known whether that is the next key, or a line like
any other.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from geventim.client.events import Notice, Speaker
from geventim.client.operations import talk
from geventim.client.operations.context import Context
from geventim.client.steps.procedure import Procedure
from geventim.errors import MisuseError, PeerError, UserError

Order = Callable[[Any], None]
"""What somebody wants of an agent."""


class State(Enum):
    """Whether a key is asked for, or one is tried."""

    CLOSED = "closed"
    ASKING = "asking"
    TRYING = "trying"


MOVES: Final = {
    State.CLOSED: {State.ASKING},
    State.ASKING: {State.TRYING, State.CLOSED},
    State.TRYING: {State.ASKING, State.CLOSED},
}


class KeyPrompt:
    """``report`` gets what went wrong; ``give`` gives to the agent what was held."""

    def __init__(
        self,
        context: Context,
        report: Callable[[UserError], None],
        give: Callable[[Order], None],
    ) -> None:
        self._context = context
        self._report = report
        self._give = give
        self._state = State.CLOSED
        self._number = 0
        self._key = ""
        self._held: list[Order] = []

    @property
    def is_open(self) -> bool:
        """Whether what is typed next may be a key."""
        return self._state is not State.CLOSED

    @property
    def held(self) -> int:
        """How much waits until it is known whether a key was right."""
        return len(self._held)

    def ask(self, number: int) -> None:
        """Ask for the key of the secret with this number."""
        self._move(State.ASKING)
        self._number = number
        self._say(f"Enter the key of secret #{number}; an empty line cancels.")

    def holds(self, order: Order) -> bool:
        """Take ``order`` for later, if a key is tried just now."""
        if self._state is not State.TRYING:
            return False
        self._held.append(order)
        return True

    def answer(self, key: str) -> None:
        """Try the ``key`` that was typed; an empty one leaves the secret closed."""
        if not key:
            self.close()
            self._say(f"Secret #{self._number} stays closed.")
            return
        self._move(State.TRYING)
        self._key = key
        opening = talk.open_secret(self._context, self._number, key)
        Procedure(self._context.user.ways, opening, self._tried).begin()

    def reject(self, error: UserError) -> None:
        """What was typed cannot be read: ask once more."""
        self._report(error)
        self.close()
        self.ask(self._number)

    def close(self) -> None:
        """Ask no more."""
        if self._state is not State.CLOSED:
            self._move(State.CLOSED)

    def orders(self) -> list[Order]:
        """What brings the prompt of another agent to where this one is."""
        if self._state is State.CLOSED:
            return []
        number, key = self._number, self._key
        orders: list[Order] = [lambda agent: agent.open(number)]
        if self._state is State.TRYING:
            orders.append(lambda agent: agent.type(key))
        return orders + self._held

    def _tried(self, error: UserError | PeerError | None) -> None:
        held, self._held, self._key = self._held, [], ""
        self.close()
        if isinstance(error, PeerError):
            raise error
        if error is not None and error.code == talk.WRONG_KEY:
            self._report(UserError(error.code, error.text))
            self.ask(self._number)
        elif error is not None:
            self._report(error)
        for order in held:
            self._give(order)

    def _move(self, state: State) -> None:
        if state not in MOVES[self._state]:
            raise MisuseError(f"a prompt that is {self._state.value} cannot be {state.value}")
        self._state = state

    def _say(self, text: str) -> None:
        self._context.user.emit(Notice(text, speaker=Speaker.CLIENT))
