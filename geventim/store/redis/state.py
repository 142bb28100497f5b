"""How a conversation in Redis is, without its entries."""

from dataclasses import dataclass

from geventim.log.logs import Log
from geventim.store.redis.layout import key, unpack_roster
from geventim.store.redis.link import Command


@dataclass(frozen=True, slots=True)
class State:
    """A log; each roster that it ever had has its own ``version``."""

    version: bytes
    log: Log


def questions(conversation: bytes) -> list[Command]:
    """What to ask for the two parts of it, in one go."""
    end = ("HMGET", key("end", conversation), "version", "seq", "hash", "size", "floor")
    return [end, ("GET", key("roster", conversation))]


def read_state(end: list[bytes], packed: bytes | None) -> State | None:
    """The answers as a state; None if there is no such conversation."""
    if packed is None:
        return None
    version, seq, running_hash, size, floor = end
    roster = unpack_roster(packed)
    members = len(roster.members)
    return State(version, Log(roster, members, int(seq), running_hash, int(size), int(floor)))
