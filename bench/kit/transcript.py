"""What a room was told, in the order in which the server told it, and who has heard how much of it.

Everyone who only listens is told the same bytes. So the first to hear something reads it, and the
others need only find the same bytes in the same place: that is exact, and cheap enough to follow
hundreds of thousands of deliveries a second.
"""

from bisect import bisect_right
from collections import deque

MARK = "{:05d} {:08d} {:017.6f} "


class FaultError(Exception):
    """Something was lost, came twice, in another order, or from nobody."""


def write_message(sender: int, number: int, now: float, size: int) -> bytes:
    """A message of ``size`` bytes that says who sent it, as which of theirs, and when."""
    return MARK.format(sender, number, now).ljust(size, "x").encode()


class Transcript:
    """The messages so far; ``ends`` are their ends, in whatever unit positions are counted."""

    def __init__(self) -> None:
        self.ends: list[int] = []
        self.messages: list[bytes] = []
        self.senders: list[int] = []
        self.times: list[float] = []
        self._numbers: dict[int, int] = {}

    def add(self, message: bytes, end: int) -> None:
        """The next message; it must be its sender's next one."""
        sender, number = int(message[:5]), int(message[6:14])
        if number != self._numbers.get(sender, 0) + 1:
            raise FaultError(f"message {number} of {sender} in the place of another")
        self._numbers[sender] = number
        self.messages.append(message)
        self.senders.append(sender)
        self.times.append(float(message[15:32]))
        self.ends.append(end)

    def heard(self, position: int) -> int:
        """How many messages lie before ``position``."""
        return bisect_right(self.ends, position)


class Echo:
    """Checks what somebody hears who also speaks, and need not be told their own messages."""

    def __init__(self, transcript: Transcript, speaker: int) -> None:
        self._transcript = transcript
        self._speaker = speaker
        self._pending: deque[bytes] = deque()
        self._own = 0
        self.heard = 0

    def take(self, message: bytes) -> None:
        """The next message; it is checked as soon as a listener has heard it."""
        if int(message[:5]) != self._speaker:
            self._pending.append(message)
        elif (number := int(message[6:14])) > self._own:
            self._own = number
        else:
            raise FaultError(f"{self._speaker} has heard itself twice")

    def settle(self) -> None:
        """Check what can be."""
        transcript, pending = self._transcript, self._pending
        while self.heard < len(transcript.messages):
            if transcript.senders[self.heard] != self._speaker:
                if not pending:
                    return
                if transcript.messages[self.heard] != pending.popleft():
                    raise FaultError(f"{self._speaker} has heard something else than the others")
            self.heard += 1
