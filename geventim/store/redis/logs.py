"""Logs in Redis: what is read of them, and how they are written by several nodes at once.

A node works out what its changes make of the log as it knows it, and has that written if the log is
still as it was; else it looks again. So the rules are those of the log in memory, and no change is
applied to anything but what it was judged by.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final

from msgspec.structs import replace as change_struct

from geventim.chat import limits
from geventim.chat.values import Account, Conversation, Entry, EntryKind, Kind, Membership, Status
from geventim.errors import StoreError
from geventim.log import outcomes
from geventim.log.changes import EXPIRED_AT_ONCE, Append, Commit, Create, Expire, GiveState
from geventim.log.outcomes import (
    NAME_TAKEN,
    NO_CONVERSATION,
    TOO_MANY,
    Appended,
    Expired,
    Head,
    Outcome,
    Page,
    Position,
    Refusal,
    Usage,
)
from geventim.store import rules
from geventim.store.memory.log import MemoryLog
from geventim.store.redis import layout, scripts
from geventim.store.redis.layout import Roster, key, pack, unpack_entry
from geventim.store.redis.link import Command, RedisLink
from geventim.store.redis.people import RedisPeople
from geventim.store.redis.state import State, questions, read_state
from geventim.store.redis.usage import RedisUsage, counting

REMEMBERED: Final = 4_096
"""Conversations of which a node keeps in mind how they were at last."""

ATTEMPTS: Final = 100
"""How often a node tries again when others were faster."""

VERSION_SIZE: Final = 8
"""Bytes that tell a roster from any other of its conversation, also from one that was lost."""

LISTED: Final = limits.LISTED + 1
"""Conversations that are read together: a page of them, and the one that tells of the next."""

CHUNK: Final = 64
"""Entries that are read together."""

Written = Append | Commit
LogChange = Append | Commit | GiveState


@dataclass(slots=True)
class _Plan:
    """What changes of one conversation make of its ``state``."""

    conversation: bytes
    changes: list[tuple[int, LogChange]]
    thorough: bool = False
    state: State | None = None
    said: dict[bytes, Entry] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    after: State | None = None
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


class RedisLogs:
    """The logs behind ``link``."""

    def __init__(self, link: RedisLink, people: RedisPeople, node: bytes) -> None:
        self._link = link
        self._people = people
        self._node = node
        self._usage = RedisUsage(link)
        self._known: dict[bytes, State] = {}

    def create(self, change: Create) -> Conversation | Refusal:
        """Begin a conversation, and then claim its name."""
        new, message_id = change.conversation, change.message_id
        if message_id is not None:
            first = self._people.remember_creation(new.creator, message_id, new.id)
            if first == new.id and self._is_at_most(change):
                self._people.forget_creation(new.creator, message_id)
                return TOO_MANY
            new = change_struct(new, id=first)
        members = dict.fromkeys(change.members)
        known = MemoryLog(new)
        for account in members:
            known.begin(account, 0)
        self._index(new.id, members)
        number = self._link.write("RPUSH", layout.LOGS, new.id)
        roster = pack(Roster.of(known, number))
        keys = _keys(new.id, "end", "roster")
        created = self._link.write("EVAL", scripts.CREATE, 2, *keys, roster, known.hash)
        if not created:
            found = self.load(new.id)
            if found is None:
                raise StoreError("a conversation has vanished")
            outcome = rules.repeat_create(found.roster.conversation, deleted=found.roster.deleted)
            if not isinstance(outcome, Conversation):
                return outcome
            new = outcome
        if new.kind is Kind.ROOM and not self._claim(new):
            if created:
                self._link.ask("EVAL", scripts.DISCARD, 2, *keys)
            if message_id is not None:
                self._people.forget_creation(new.creator, message_id)
            return NAME_TAKEN
        return new

    def _is_at_most(self, change: Create) -> bool:
        """Whether its creator has created as much as may be."""
        creator = change.conversation.creator
        return change.most is not None and self.usage(creator).created >= change.most

    def apply(self, changes: Sequence[LogChange]) -> list[Outcome]:
        """The outcomes of ``changes``; those of one conversation are written together."""
        outcomes: list[Outcome] = [None] * len(changes)
        plans: dict[bytes, _Plan] = {}
        for index, change in enumerate(changes):
            plan = plans.setdefault(change.conversation, _Plan(change.conversation, []))
            plan.changes.append((index, change))
        for _ in range(ATTEMPTS):
            for plan in self._attempt(list(plans.values())):
                for (index, _), outcome in zip(plan.changes, plan.outcomes, strict=True):
                    outcomes[index] = outcome
                del plans[plan.conversation]
            if not plans:
                return outcomes
        raise StoreError("others write faster than this node")

    def notice(self, appended: Appended) -> None:
        """Know of what another node has written, so that the next attempt is not in vain."""
        entry = appended.entry
        state = self._known.get(entry.conversation)
        if state is None or state.seq >= entry.seq:
            return
        is_plain = entry.kind is EntryKind.MESSAGE and appended.conversation is None
        if is_plain and state.seq + 1 == entry.seq:
            self._known[entry.conversation] = replace(state, seq=entry.seq, hash=entry.hash)
        else:
            self._known.pop(entry.conversation, None)

    def load(self, conversation: bytes) -> State | None:
        """How a conversation is now."""
        return next(self._load([conversation]))

    def groups(self) -> list[Conversation]:
        """See :meth:`geventim.log.store.Store.groups`."""
        ids = sorted(set(self._link.ask("LRANGE", layout.LOGS, 0, -1)))
        present = (each.roster for each in self._load(ids) if each and not each.roster.deleted)
        found = (roster.conversation for roster in present)
        return [conversation for conversation in found if conversation.kind is Kind.GROUP]

    def head(self, conversation: bytes) -> Head | None:
        """See :meth:`geventim.log.store.Store.head`."""
        state = self.load(conversation)
        return state.revive(private=False).head() if state else None

    def givers(self, conversation: bytes) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.givers`."""
        state = self.load(conversation)
        return [giver.account for giver in state.roster.givers] if state else []

    def state(self, conversation: bytes, account: bytes) -> outcomes.State | None:
        """See :meth:`geventim.log.store.Store.state`."""
        info = ("HGET", key("infos", conversation), account)
        end, roster, group_info = self._link.ask_all([*questions(conversation), info], atomic=True)
        state = read_state(end, roster)
        if state is None or group_info is None:
            return None
        known = state.revive(private=False)
        known.group_infos = {account: group_info}
        return known.state(account)

    def has_written(self, conversation: bytes, account: bytes) -> bool:
        """See :meth:`geventim.log.store.Store.has_written`."""
        return bool(self._link.ask("SISMEMBER", key("wrote", conversation), account))

    def position(self, conversation: bytes, after: int) -> Position:
        """See :meth:`geventim.log.store.Store.position`."""
        # In this order, nothing that comes in between is passed over.
        end = self._link.ask("HMGET", key("end", conversation), "seq", "hash", "floor")
        last, floor = int(end[0]), int(end[2])
        found = self._link.ask("XRANGE", key("log", conversation), f"{after}-0", "+", "COUNT", 1)
        if not found:
            return Position(last, end[1], last, floor)
        entry = _entry(found[0])
        last = max(last, entry.seq)
        if entry.seq == after:
            return Position(after, entry.hash, last, floor)
        return Position(entry.seq - 1, entry.previous, last, floor)

    def members(self, conversation: bytes) -> list[bytes]:
        """The present members, sorted."""
        state = self.load(conversation)
        return state.revive(private=False).members if state else []

    def memberships(self, account: bytes, after: bytes, most: int | None) -> list[Membership]:
        """What the account is a member of, or was until it was put out, in the order of the ids."""
        known: set[bytes] = self._link.ask("SMEMBERS", key("of", account))
        behind = sorted(each for each in known if each > after)
        return list(islice(self._memberships(account, behind), most))

    def _memberships(self, account: bytes, conversations: list[bytes]) -> Iterator[Membership]:
        for start in range(0, len(conversations), LISTED):
            for state in self._load(conversations[start : start + LISTED]):
                found = state and state.revive(private=False).membership(account)
                if found:
                    yield found

    def usage(self, account: bytes) -> Usage:
        """See :meth:`geventim.log.store.Store.usage`."""
        made = self._load(self._usage.created(account))
        created = sum(state is not None and not state.roster.deleted for state in made)
        return Usage(self._usage.stored(account), created)

    def crowded(self, accounts: Sequence[bytes], places: int) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.crowded`."""
        likely = self._usage.likely(accounts, places)
        return [each for each in likely if self._count_places(each) >= places]

    def _count_places(self, account: bytes) -> int:
        return sum(each.present for each in self.memberships(account, b"", None))

    def page(self, conversation: bytes, account: bytes, after: int) -> Page:
        """See :meth:`geventim.log.store.Store.entries`."""
        state = self.load(conversation)
        if state is None:
            return Page((), present=False)
        known = state.revive(private=False)
        page: list[Entry] = []
        size = 0
        for interval in known.intervals.get(account, ()):
            until = known.seq if interval.until is None else interval.until
            for entry in self._between(conversation, max(after, interval.since), until):
                shown = rules.shown_to(entry, account)
                size += len(shown.payload) + len(shown.welcome)
                if page and (len(page) == limits.PAGE_ENTRIES or size > limits.PAGE_SIZE):
                    return Page(tuple(page), known.has_member(account))
                page.append(shown)
        return Page(tuple(page), known.has_member(account))

    def expire(self, change: Expire) -> Expired:
        """See :class:`geventim.log.changes.Expire`."""
        count, first = 0, max(change.start, 1)
        last = first + EXPIRED_AT_ONCE - 1
        ids = self._link.ask("LRANGE", layout.LOGS, first - 1, last - 1)
        for number, conversation in enumerate(ids, first):
            count += self._expire_log(conversation, change, EXPIRED_AT_ONCE - count)
            if count == EXPIRED_AT_ONCE:
                return Expired(count, number)
        return Expired(count, last + 1 if len(ids) == EXPIRED_AT_ONCE else 0)

    def _attempt(self, plans: list[_Plan]) -> Iterator[_Plan]:
        """Those of ``plans`` that have their outcomes now."""
        self._prepare(plans)
        for plan in plans:
            self._work_out(plan)
            self._index(plan.conversation, plan.joined)
        writing = [plan for plan in plans if plan.command and not self._is_doubtful(plan)]
        commands = [plan.command for plan in writing if plan.command]
        counts = counting((entry for plan in writing for entry in plan.written), 1)
        answers = self._link.write_all([*commands, *counts])
        unwritten: list[Entry] = []
        for plan in plans:
            if plan in writing and answers[writing.index(plan)] == plan.expected:
                self._remember(plan.conversation, plan.after)
                yield plan
            elif plan.thorough and plan.command is None:
                yield plan
            else:
                unwritten += plan.written if plan in writing else ()
                plan.thorough = True
        self._usage.discount(unwritten)

    @staticmethod
    def _is_doubtful(plan: _Plan) -> bool:
        return plan.is_refused and not plan.thorough

    def _prepare(self, plans: list[_Plan]) -> None:
        """Look up how the conversations are, from memory where that may do."""
        for plan in plans:
            # What is not there must not be told from what is by the time that it takes.
            plan.thorough |= plan.conversation not in self._known
        unsure = [plan for plan in plans if plan.thorough]
        states = self._load([plan.conversation for plan in unsure])
        for plan, state in zip(unsure, states, strict=True):
            self._remember(plan.conversation, state)
        for plan in plans:
            plan.state = self._known.get(plan.conversation)
            plan.said = self._find_said(plan) if plan.thorough else {}

    def _find_said(self, plan: _Plan) -> dict[bytes, Entry]:
        """The entries that changes repeat."""
        asked = [_said(change) for _, change in plan.changes if isinstance(change, Written)]
        if not asked:
            return {}
        seqs = self._link.ask("HMGET", key("said", plan.conversation), *asked)
        found = {}
        for said, seq in zip(asked, seqs, strict=True):
            entry = self._entry(plan.conversation, int(seq)) if seq is not None else None
            if entry is not None:
                found[said] = entry
        return found

    def _work_out(self, plan: _Plan) -> None:
        state = plan.state
        plan.command = plan.after = None
        plan.expected = b"done"
        if state is None:
            plan.outcomes = [NO_CONVERSATION] * len(plan.changes)
            return
        is_plain = all(_is_message(change) for _, change in plan.changes)
        known = state.revive(private=not is_plain)
        plan.outcomes = [self._judge(known, plan, change) for _, change in plan.changes]
        roster = state.roster if is_plain else Roster.of(known, state.roster.number)
        is_changed = roster != state.roster or bool(known.group_infos)
        if known.entries or is_changed:
            version = os.urandom(VERSION_SIZE) if is_changed else state.version
            plan.after = State(version, known.seq, known.hash, known.size, known.floor, roster)
            plan.command = _write(plan, state, plan.after, known.group_infos, self._node)
        elif self._link.replicas and not plan.is_only_refused:
            # What was there already may have reached nobody yet.
            plan.command = ("HMGET", key("end", plan.conversation), "version", "hash")
            plan.expected = [state.version, state.hash]
            plan.after = state

    def _judge(self, known: MemoryLog, plan: _Plan, change: LogChange) -> Outcome:
        if isinstance(change, GiveState):
            called = known.entries.get(change.seq) or self._entry(plan.conversation, change.seq)
            return known.give(change, called)
        repeated = plan.said.get(_said(change))
        repeated = repeated or known.by_message.get((change.author, change.message_id))
        if repeated:
            return Appended(repeated, repeated=True)
        if known.deleted:
            return NO_CONVERSATION
        if isinstance(change, Commit):
            return known.apply_commit(change)
        return known.apply(change, is_peer_dnd=self._is_peer_dnd(known, change))

    def _is_peer_dnd(self, known: MemoryLog, change: Append) -> bool:
        if known.conversation.kind is not Kind.DM or change.kind is not EntryKind.MESSAGE:
            return False
        peers = [account for account in known.intervals if account != change.author]
        return any(
            isinstance(peer, Account) and peer.status is Status.DND
            for peer in map(self._people.account, peers)
        )

    def _claim(self, conversation: Conversation) -> bool:
        """Whether the conversation has its name now; one that was deleted does not hold it."""
        while True:
            holder = self._people.claim_name(conversation)
            if holder is None:
                return True
            if holder == scripts.PERSON:
                return False
            held = self.load(holder)
            if held is not None and not held.roster.deleted:
                return False
            self._people.release_name(conversation, holder)

    def _remember(self, conversation: bytes, state: State | None) -> None:
        self._known.pop(conversation, None)
        if state is not None:
            self._known[conversation] = state
            if len(self._known) > REMEMBERED:
                del self._known[next(iter(self._known))]
            if state.roster.deleted and state.roster.conversation.kind is Kind.ROOM:
                self._people.release_name(state.roster.conversation, conversation)

    def _index(self, conversation: bytes, accounts: Iterable[bytes]) -> None:
        """Let the accounts be asked about the conversation; that says nothing about members."""
        commands = [("SADD", key("of", account), conversation) for account in accounts]
        if commands:
            self._link.write_all(commands)

    def _load(self, conversations: list[bytes]) -> Iterator[State | None]:
        for conversation in conversations:
            end, roster = self._link.ask_all(questions(conversation), atomic=True)
            yield read_state(end, roster)

    def _between(self, conversation: bytes, after: int, until: int) -> Iterator[Entry]:
        """The entries above ``after``, up to ``until``, read bit by bit."""
        log_key = key("log", conversation)
        while after < until:
            bounds = (f"{after + 1}-0", f"{until}-0")
            found = self._link.ask("XRANGE", log_key, *bounds, "COUNT", CHUNK)
            for item in found:
                entry = _entry(item)
                yield entry
                after = entry.seq
            if len(found) < CHUNK:
                return

    def _entry(self, conversation: bytes, seq: int) -> Entry | None:
        return next(self._between(conversation, seq - 1, seq), None)

    def _expire_log(self, conversation: bytes, change: Expire, most: int) -> int:
        state = self.load(conversation)
        if state is None:
            return 0
        known = state.revive(private=False)
        present = [known.intervals[account][-1].since for account in known.members]
        read: dict[int, Entry] = {}

        def lines() -> Iterator[rules.Line]:
            for entry in self._between(conversation, 0, known.seq):
                read[entry.seq] = entry
                yield rules.Line(entry.seq, entry.time, entry.kind, len(entry.payload))

        found = rules.expired(lines(), change, known.size, min(present, default=known.seq))
        dropped = list(islice(found, most))
        if not dropped:
            return 0
        floor = max((line.seq for line in dropped if line.kind is EntryKind.MESSAGE), default=0)
        values: list[Any] = [floor]
        for line in dropped:
            size = line.size if line.kind is EntryKind.MESSAGE else 0
            values += [line.seq, _said(read[line.seq]), size]
        keys = _keys(conversation, "end", "log", "said")
        self._link.ask("EVAL", scripts.DROP, 3, *keys, *values)
        self._usage.discount(read[line.seq] for line in dropped)
        return len(dropped)


def _write(
    plan: _Plan, state: State, after: State, group_infos: dict[bytes, bytes], node: bytes
) -> Command:
    """The command that makes ``after`` of ``state``; ``group_infos`` are new."""
    appended = [o for o in plan.outcomes if isinstance(o, Appended) and not o.repeated]
    values: list[Any] = [
        state.version,
        state.hash,
        b"" if after.version == state.version else pack(after.roster),
        after.version,
        after.hash,
        after.size - state.size,
        node,
        len(appended),
    ]
    for outcome in appended:
        entry = outcome.entry
        writer = entry.author if entry.kind is EntryKind.MESSAGE else b""
        values += [_said(entry), pack(entry), pack(outcome), writer]
    values.append(len(group_infos))
    for account, info in group_infos.items():
        values += [account, info]
    before, now = _givers(state), _givers(after)
    values += sorted(before - now)
    feed = layout.feed(plan.conversation[0] % layout.BUCKETS)
    keys = [
        *_keys(plan.conversation, "end", "roster", "log", "said", "infos"),
        feed,
        key("wrote", plan.conversation),
    ]
    return ("EVAL", scripts.WRITE, len(keys), *keys, *values)


def _keys(conversation: bytes, *nouns: str) -> list[str]:
    return [key(noun, conversation) for noun in nouns]


def _entry(item: tuple[bytes, dict[bytes, bytes]]) -> Entry:
    _, fields = item
    return unpack_entry(fields[b"e"])


def _said(change: Append | Commit | Entry) -> bytes:
    """What tells an entry from all others of its log, before it is there."""
    return change.author + change.message_id


def _givers(state: State) -> set[bytes]:
    return {giver.account for giver in state.roster.givers}


def _is_message(change: LogChange) -> bool:
    return isinstance(change, Append) and change.kind is EntryKind.MESSAGE
