"""What a run does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """How many clients there are, and what they send.

    The first ``senders`` of them send ``rate`` messages a second together, ``size`` bytes each, for
    ``duration`` seconds. With ``e2e`` they are full members, who seal and open all of it.

    :ivar welcome: Seconds in which the server lets everybody into the room.
    :ivar stragglers: Seconds for what is still on its way in the end, and to come back.
    :ivar rest: Seconds from, and up to, which one waits before that.
    """

    clients: int
    senders: int
    rate: float
    size: int
    duration: float
    e2e: bool = False
    welcome: float = 30.0
    stragglers: float = 30.0
    rest: tuple[float, float] = (0.1, 1.0)

    @property
    def messages(self) -> int:
        """How many messages that is; at least one."""
        return max(1, round(self.rate * self.duration))
