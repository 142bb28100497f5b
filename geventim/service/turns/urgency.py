"""Who waits for a turn at other nodes and goes before those who wait here."""

from typing import Final

from geventim.service.ports import Timers

URGENCY: Final = 1.0
"""Seconds for which a node that tells of somebody urgent is believed."""


class Urgency:
    """What other nodes have told, of the ranks of :mod:`.lines`."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._told: dict[tuple[bytes, bytes], tuple[int, float]] = {}

    def note(self, conversation: bytes, node: bytes, rank: int) -> None:
        """Somebody of this rank waits at ``node``."""
        self._told[conversation, node] = rank, self._timers.now() + URGENCY

    def settle(self, conversation: bytes, node: bytes) -> None:
        """Nobody waits there any more."""
        self._told.pop((conversation, node), None)

    def until(self, conversation: bytes, rank: int) -> float:
        """Until when turns of this rank have to wait, in seconds since the epoch."""
        if not self._told:
            return 0.0
        now = self._timers.now()
        self._told = {place: (of, end) for place, (of, end) in self._told.items() if end > now}
        return max(
            (
                end
                for (where, _), (of, end) in self._told.items()
                if where == conversation and rank > of
            ),
            default=0.0,
        )
