"""Logs in Redis: what is read of them, and how they are written by several nodes at once.

A node works out what its changes make of the log as it knows it, and has that written if the log is
still as it was; else it looks again. So no change is applied to anything but what it was judged by.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any, Final

from msgspec.structs import replace as change_struct

from geventim.chat import limits
from geventim.chat.values import Account, Conversation, Entry, EntryKind, Kind, Membership, Status
from geventim.errors import StoreError
from geventim.log import outcomes
from geventim.log.changes import Create, Expire, GiveState
from geventim.log.entries import size_of
from geventim.log.expiry import Line, cut, sweep
from geventim.log.judge import Judgement, LogChange, repeat_create
from geventim.log.logs import Log
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
from geventim.log.pages import fill, find_position, spans
from geventim.store.redis import layout, scripts
from geventim.store.redis.bounds import USUAL, Bounds
from geventim.store.redis.layout import key, pack, unpack_entry
from geventim.store.redis.link import RedisLink
from geventim.store.redis.people import RedisPeople
from geventim.store.redis.plans import Plan, Written, keys_of, said_of, write
from geventim.store.redis.state import State, questions, read_state
from geventim.store.redis.usage import RedisUsage, counting

VERSION_SIZE: Final = 8
"""Bytes that tell a roster from any other of its conversation, also from one that was lost."""

LISTED: Final = limits.LISTED + 1
"""Conversations that are read together: a page of them, and the one that tells of the next."""

COUNTED: Final = 1_000
"""Conversations whose entries are counted together."""


class RedisLogs:
    """The logs behind ``link``, for the ``node`` that has these ``bounds``."""

    def __init__(
        self, link: RedisLink, people: RedisPeople, node: bytes, bounds: Bounds = USUAL
    ) -> None:
        self._link = link
        self._people = people
        self._node = node
        self._bounds = bounds
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
        self._index(new.id, members)
        begun = Log.begin(new, members, self._link.write("RPUSH", layout.LOGS, new.id))
        keys = keys_of(new.id, "end", "roster")
        created = self._link.write("EVAL", scripts.CREATE, 2, *keys, pack(begun.roster), begun.hash)
        if not created:
            found = self.load(new.id)
            if found is None:
                raise StoreError("a conversation has vanished")
            roster = found.log.roster
            outcome = repeat_create(roster.conversation, deleted=roster.deleted)
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
        plans: dict[bytes, Plan] = {}
        for index, change in enumerate(changes):
            plan = plans.setdefault(change.conversation, Plan(change.conversation, []))
            plan.changes.append((index, change))
        for _ in range(self._bounds.attempts):
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
        if state is None or state.log.seq >= entry.seq:
            return
        is_plain = entry.kind is EntryKind.MESSAGE and appended.conversation is None
        if is_plain and state.log.seq + 1 == entry.seq:
            log = change_struct(state.log, seq=entry.seq, hash=entry.hash)
            self._known[entry.conversation] = replace(state, log=log)
        else:
            self._known.pop(entry.conversation, None)

    def load(self, conversation: bytes) -> State | None:
        """How a conversation is now."""
        return next(self._load([conversation]))

    def groups(self) -> list[Conversation]:
        """See :meth:`geventim.log.store.Store.groups`."""
        ids = sorted(set(self._link.ask("LRANGE", layout.LOGS, 0, -1)))
        rosters = (each.log.roster for each in self._load(ids) if each)
        present = (roster for roster in rosters if not roster.deleted)
        found = (roster.conversation for roster in present)
        return [conversation for conversation in found if conversation.kind is Kind.GROUP]

    def head(self, conversation: bytes) -> Head | None:
        """See :meth:`geventim.log.store.Store.head`."""
        state = self.load(conversation)
        return state.log.head() if state else None

    def givers(self, conversation: bytes) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.givers`."""
        state = self.load(conversation)
        return [giver.account for giver in state.log.roster.givers] if state else []

    def state(self, conversation: bytes, account: bytes) -> outcomes.State | None:
        """See :meth:`geventim.log.store.Store.state`."""
        info = ("HGET", key("infos", conversation), account)
        end, roster, group_info = self._link.ask_all([*questions(conversation), info], atomic=True)
        state = read_state(end, roster)
        if state is None or group_info is None:
            return None
        found = (each for each in state.log.roster.givers if each.account == account)
        return next((outcomes.State(account, each.at, group_info) for each in found), None)

    def has_written(self, conversation: bytes, account: bytes) -> bool:
        """See :meth:`geventim.log.store.Store.has_written`."""
        return bool(self._link.ask("SISMEMBER", key("wrote", conversation), account))

    def position(self, conversation: bytes, after: int) -> Position:
        """See :meth:`geventim.log.store.Store.position`."""
        # In this order, nothing that comes in between is passed over.
        seq, running_hash, floor = self._link.ask(
            "HMGET", key("end", conversation), "seq", "hash", "floor"
        )

        def first() -> Entry | None:
            bounds = (f"{after}-0", "+", "COUNT", 1)
            found = self._link.ask("XRANGE", key("log", conversation), *bounds)
            return _entry(found[0]) if found else None

        return find_position(after, int(seq), running_hash, int(floor), first)

    def members(self, conversation: bytes) -> list[bytes]:
        """The present members, sorted."""
        state = self.load(conversation)
        return state.log.roster.members if state else []

    def memberships(self, account: bytes, after: bytes, most: int | None) -> list[Membership]:
        """What the account is a member of, or was until it was put out, in the order of the ids."""
        known: set[bytes] = self._link.ask("SMEMBERS", key("of", account))
        behind = sorted(each for each in known if each > after)
        return list(islice(self._memberships(account, behind), most))

    def _memberships(self, account: bytes, conversations: list[bytes]) -> Iterator[Membership]:
        for start in range(0, len(conversations), LISTED):
            for state in self._load(conversations[start : start + LISTED]):
                found = state and state.log.membership(account)
                if found:
                    yield found

    def usage(self, account: bytes) -> Usage:
        """See :meth:`geventim.log.store.Store.usage`."""
        made = self._load(self._usage.created(account))
        created = sum(state is not None and not state.log.roster.deleted for state in made)
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
        log, intervals = state.log, state.log.roster.intervals.get(account, ())
        entries = (
            entry
            for span in spans(intervals, after, log.seq)
            for entry in self._between(conversation, *span)
        )
        return fill(entries, account, present=log.roster.has_member(account))

    def totals(self) -> tuple[int, int]:
        """How many entries were ever put into the logs, and the bytes of messages that are kept.

        It is read page by page, so that no answer is long and none keeps others from asking.
        """
        entries = size = first = 0
        known: set[bytes] = set()
        while ids := self._link.ask("LRANGE", layout.LOGS, first, first + COUNTED - 1):
            first += len(ids)
            fresh = dict.fromkeys(each for each in ids if each not in known)
            known.update(fresh)
            asked = [("HMGET", key("end", each), "seq", "size") for each in fresh]
            for last, bytes_kept in self._link.ask_all(asked):
                entries += int(last or 0)
                size += int(bytes_kept or 0)
        return entries, size

    def expire(self, change: Expire) -> Expired:
        """See :class:`geventim.log.changes.Expire`."""
        first = max(change.start, 1)
        last = first + change.most - 1
        ids = self._link.ask("LRANGE", layout.LOGS, first - 1, last - 1)
        return sweep(enumerate(ids, first), partial(self._expire_log, change), change.most)

    def _attempt(self, plans: list[Plan]) -> Iterator[Plan]:
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
    def _is_doubtful(plan: Plan) -> bool:
        return plan.is_refused and not plan.thorough

    def _prepare(self, plans: list[Plan]) -> None:
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

    def _find_said(self, plan: Plan) -> dict[bytes, Entry]:
        """The entries that changes repeat."""
        asked = [said_of(change) for _, change in plan.changes if isinstance(change, Written)]
        if not asked:
            return {}
        seqs = self._link.ask("HMGET", key("said", plan.conversation), *asked)
        found = {}
        for said, seq in zip(asked, seqs, strict=True):
            entry = self._entry(plan.conversation, int(seq)) if seq is not None else None
            if entry is not None:
                found[said] = entry
        return found

    def _work_out(self, plan: Plan) -> None:
        state = plan.state
        plan.command = plan.after = None
        plan.expected = b"done"
        if state is None:
            plan.outcomes = [NO_CONVERSATION] * len(plan.changes)
            return
        known = state.log
        written: dict[bytes, Entry] = {}
        plan.outcomes, plan.group_infos = [], {}
        for _, change in plan.changes:
            outcome, effect = self._judge(plan, known, change, written)
            plan.outcomes.append(outcome)
            if effect is None:
                continue
            known = known.applied(effect)
            if effect.entry is not None:
                written[said_of(effect.entry)] = effect.entry
            if effect.givers is not None:
                plan.group_infos[effect.givers[0].account] = effect.group_info
        is_changed = known.roster is not state.log.roster
        if written or is_changed:
            version = os.urandom(VERSION_SIZE) if is_changed else state.version
            plan.after = State(version, known)
            plan.command = write(plan, state, plan.after, self._node)
        elif self._link.replicas and not plan.is_only_refused:
            # What was there already may have reached nobody yet.
            plan.command = ("HMGET", key("end", plan.conversation), "version", "hash")
            plan.expected = [state.version, state.log.hash]
            plan.after = state

    def _judge(
        self, plan: Plan, known: Log, change: LogChange, written: dict[bytes, Entry]
    ) -> Judgement:
        """What becomes of ``change`` behind what was ``written`` before it."""
        if isinstance(change, GiveState):
            seqs = (entry for entry in written.values() if entry.seq == change.seq)
            return known.judge(
                change, called=next(seqs, None) or self._entry(plan.conversation, change.seq)
            )
        said = said_of(change)
        is_peer_dnd = any(
            isinstance(peer, Account) and peer.status is Status.DND
            for peer in map(self._people.account, known.peers(change))
        )
        repeated = plan.said.get(said) or written.get(said)
        return known.judge(change, repeated=repeated, is_peer_dnd=is_peer_dnd)

    def _claim(self, conversation: Conversation) -> bool:
        """Whether the conversation has its name now; one that was deleted does not hold it."""
        while True:
            holder = self._people.claim_name(conversation)
            if holder is None:
                return True
            if holder == scripts.PERSON:
                return False
            held = self.load(holder)
            if held is not None and not held.log.roster.deleted:
                return False
            self._people.release_name(conversation, holder)

    def _remember(self, conversation: bytes, state: State | None) -> None:
        self._known.pop(conversation, None)
        if state is not None:
            self._known[conversation] = state
            if len(self._known) > self._bounds.remembered:
                del self._known[next(iter(self._known))]
            roster = state.log.roster
            if roster.deleted and roster.conversation.kind is Kind.ROOM:
                self._people.release_name(roster.conversation, conversation)

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
        log_key, chunk = key("log", conversation), self._bounds.chunk
        while after < until:
            bounds = (f"{after + 1}-0", f"{until}-0")
            found = self._link.ask("XRANGE", log_key, *bounds, "COUNT", chunk)
            for item in found:
                entry = _entry(item)
                yield entry
                after = entry.seq
            if len(found) < chunk:
                return

    def _entry(self, conversation: bytes, seq: int) -> Entry | None:
        return next(self._between(conversation, seq - 1, seq), None)

    def _expire_log(self, change: Expire, conversation: bytes, most: int) -> int:
        state = self.load(conversation)
        if state is None:
            return 0
        log = state.log
        read: dict[int, Entry] = {}

        def lines() -> Iterator[Line]:
            for entry in self._between(conversation, 0, log.seq):
                read[entry.seq] = entry
                yield Line(entry.seq, entry.time, entry.kind, len(entry.payload))

        found = cut(change, lines(), log.size, log.unneeded, most)
        dropped = [read[line.seq] for line in found.lines]
        if not dropped:
            return 0
        values: list[Any] = [found.floor or 0]
        for entry in dropped:
            values += [entry.seq, said_of(entry), size_of(entry)]
        keys = keys_of(conversation, "end", "log", "said")
        self._link.ask("EVAL", scripts.DROP, 3, *keys, *values)
        self._usage.discount(dropped)
        return len(dropped)


def _entry(item: tuple[bytes, dict[bytes, bytes]]) -> Entry:
    _, fields = item
    return unpack_entry(fields[b"e"])
