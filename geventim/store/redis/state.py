"""How a conversation in Redis is, without its entries."""

from dataclasses import dataclass, replace

from geventim.store.memory.log import MemoryLog
from geventim.store.redis.layout import Roster, key, unpack_roster
from geventim.store.redis.link import Command


@dataclass(frozen=True, slots=True)
class State:
    """A conversation without its entries; each roster that ever was has its own ``version``."""

    version: bytes
    seq: int
    hash: bytes
    size: int
    floor: int
    roster: Roster

    def revive(self, *, private: bool = True) -> MemoryLog:
        """A log in memory like this; what it shares with others must not be changed."""
        roster = self.roster
        known = MemoryLog(roster.conversation, roster.deleted)
        known.seq, known.hash, known.size, known.floor = self.seq, self.hash, self.size, self.floor
        known.commit, known.givers = roster.commit, roster.givers
        known.intervals = roster.intervals
        if private:
            known.intervals = {
                account: [replace(interval) for interval in intervals]
                for account, intervals in roster.intervals.items()
            }
        return known


def questions(conversation: bytes) -> list[Command]:
    """What to ask for the two parts of it, in one go."""
    end = ("HMGET", key("end", conversation), "version", "seq", "hash", "size", "floor")
    return [end, ("GET", key("roster", conversation))]


def read_state(end: list[bytes], roster: bytes | None) -> State | None:
    """The answers as a state; None if there is no such conversation."""
    if roster is None:
        return None
    version, seq, running_hash, size, floor = end
    return State(version, int(seq), running_hash, int(size), int(floor), unpack_roster(roster))
