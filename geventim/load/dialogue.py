"""Steps that only ask, taken by whoever can send a request and hears of its reply."""

from typing import Generic, TypeVar

from geventim.chat.replies import Error, Reply
from geventim.client.steps.effects import Ask, Steps
from geventim.client.steps.refusals import refusal
from geventim.errors import MisuseError, PeerError

Result = TypeVar("Result")


class Dialogue(Generic[Result]):
    """``steps`` under way; ``wanted`` is what is to be asked next, None once they have ended."""

    __slots__ = ("_result", "_steps", "wanted")

    def __init__(self, steps: Steps[Result]) -> None:
        self._steps = steps
        self._result: Result | None = None
        self.wanted: Ask | None = None
        self._advance(None)

    @property
    def result(self) -> Result:
        """What the steps have ended with."""
        if self.wanted is not None:
            raise MisuseError("there is something to be asked yet")
        return self._result  # type: ignore[return-value]  # None only where steps end with it

    def answer(self, reply: Reply, payload: bytes = b"") -> None:
        """Take the reply to what was ``wanted``, with its payload.

        Raises :class:`PeerError` for a reply to something else, and what the steps raise:
        :class:`RefusedError` for an error, if they do not deal with it.
        """
        if self.wanted is None:
            raise MisuseError("nothing was asked")
        if isinstance(reply, Error):
            self._advance(reply)
        elif isinstance(reply, self.wanted.expected):
            self._advance((reply, payload))
        else:
            raise PeerError("a reply to something else")

    def _advance(self, answer: Error | tuple[Reply, bytes] | None) -> None:
        try:
            if isinstance(answer, Error):
                effect = self._steps.throw(refusal(answer))
            else:
                effect = self._steps.send(answer)
        except StopIteration as over:
            self.wanted, self._result = None, over.value
            return
        if not isinstance(effect, Ask):
            raise MisuseError("these steps only ask")
        self.wanted = effect
