"""What changes of one conversation make of it, and the command that has it written so."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from geventim.chat.values import Entry, EntryKind
from geventim.log.changes import Append, Commit
from geventim.log.judge import LogChange
from geventim.log.outcomes import Appended, Outcome, Refusal
from geventim.store.redis import layout, scripts
from geventim.store.redis.layout import key, pack
from geventim.store.redis.link import Command
from geventim.store.redis.state import State

Written = Append | Commit
"""What becomes an entry."""


@dataclass(slots=True)
class Plan:
    """What changes of one conversation make of its ``state``."""

    conversation: bytes
    changes: list[tuple[int, LogChange]]
    thorough: bool = False
    state: State | None = None
    said: dict[bytes, Entry] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    after: State | None = None
    group_infos: dict[bytes, bytes] = field(default_factory=dict)
    command: Command | None = None
    expected: Any = b"done"

    @property
    def is_refused(self) -> bool:
        """Whether something was refused, perhaps by what is no longer so."""
        return any(isinstance(outcome, Refusal) for outcome in self.outcomes)

    @property
    def is_only_refused(self) -> bool:
        """Whether nothing that was asked for is, or has been, done."""
        return all(isinstance(outcome, Refusal) for outcome in self.outcomes)

    @property
    def written(self) -> list[Entry]:
        """The entries that are new."""
        appended = (outcome for outcome in self.outcomes if isinstance(outcome, Appended))
        return [outcome.entry for outcome in appended if not outcome.repeated]

    @property
    def joined(self) -> Iterator[bytes]:
        """Those who become members."""
        for outcome in self.outcomes:
            if isinstance(outcome, Appended):
                yield from (account for account, _ in outcome.joined)


def write(plan: Plan, state: State, after: State, node: bytes) -> Command:
    """The command that makes ``after`` of ``state``."""
    appended = [o for o in plan.outcomes if isinstance(o, Appended) and not o.repeated]
    values: list[Any] = [
        state.version,
        state.log.hash,
        b"" if after.version == state.version else pack(after.log.roster),
        after.version,
        after.log.hash,
        after.log.size - state.log.size,
        node,
        len(appended),
    ]
    for outcome in appended:
        entry = outcome.entry
        writer = entry.author if entry.kind is EntryKind.MESSAGE else b""
        values += [said_of(entry), pack(entry), pack(outcome), writer]
    before, now = _givers(state), _givers(after)
    infos = {each: info for each, info in plan.group_infos.items() if each in now}
    values.append(len(infos))
    for account, info in infos.items():
        values += [account, info]
    values += sorted(before - now)
    feed = layout.feed(plan.conversation[0] % layout.BUCKETS)
    keys = [
        *keys_of(plan.conversation, "end", "roster", "log", "said", "infos"),
        feed,
        key("wrote", plan.conversation),
    ]
    return ("EVAL", scripts.WRITE, len(keys), *keys, *values)


def keys_of(conversation: bytes, *nouns: str) -> list[str]:
    """The keys of what belongs to a conversation."""
    return [key(noun, conversation) for noun in nouns]


def said_of(change: Append | Commit | Entry) -> bytes:
    """What tells an entry from all others of its log, before it is there."""
    return change.author + change.message_id


def _givers(state: State) -> set[bytes]:
    return {giver.account for giver in state.log.roster.givers}
