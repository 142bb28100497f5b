"""What a run does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """How many clients there are, and what they send.

    The first ``senders`` of them send ``rate`` messages a second together, ``size`` bytes each, for
    ``duration`` seconds. With ``e2e`` they are full members, who seal and open all of it.
    """

    clients: int
    senders: int
    rate: float
    size: int
    duration: float
    e2e: bool = False

    @property
    def messages(self) -> int:
        """How many messages that is; at least one."""
        return max(1, round(self.rate * self.duration))
