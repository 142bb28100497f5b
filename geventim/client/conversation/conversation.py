"""One conversation: its stage, our seat in its group, and how far its log was read.

Everything here is a step that is taken at once: what it changes is kept together. When to take
which step, and what an entry of the log means, is up to those who follow the conversation.
"""

from collections.abc import Iterable
from typing import Final

from geventim.chat.replies import ConversationInfo
from geventim.chat.values import Kind
from geventim.client.causes import HOLDING_UP, MOVING, Cause
from geventim.client.conversation import outgoing
from geventim.client.conversation.acquaintance import mark_old, meet_members
from geventim.client.conversation.helping import Helper
from geventim.client.conversation.intent import Intent
from geventim.client.conversation.owing import Committer, Owing
from geventim.client.conversation.own_commit import OwnCommit
from geventim.client.conversation.timer_line import TimerLine
from geventim.client.conversation.turnover import remaining, tell_arrival
from geventim.client.conversation.witnesses import Witnesses
from geventim.client.events import Notice
from geventim.client.kept.bookmark import Bookmark
from geventim.client.kept.closed import Closed
from geventim.client.kept.parcels import Parcel, Parcels
from geventim.client.kept.position import Position
from geventim.client.kept.read import Read
from geventim.client.kept.readers import Readers
from geventim.client.kept.record import (
    GROUP,
    MOVED,
    OUTLOOK,
    RATCHETS,
    Pending,
    Record,
    keep_record,
)
from geventim.client.kept.stages import HOLDING, INSIDE, MOVES, Move, Stage
from geventim.client.people import roster
from geventim.client.people.credentials import Somebody
from geventim.client.sealing.attempts import Attempts
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.outlooks import Outlook, Outlooks
from geventim.client.sealing.room_key import RoomKey
from geventim.client.sealing.seat import Seat, Shelf
from geventim.client.user import User
from geventim.errors import DeniedError, MisuseError, PeerError, UserError
from geventim.mls.epochs.following import Followed
from geventim.mls.groups import archive
from geventim.mls.groups.group import Group

NEEDED: Final = 1.0
"""Seconds for which who got in anew stays to help the others."""


SEEN: Final = 0.5
"""Seconds for which others know, when we read it, that we were added."""


class Conversation:
    """``seat`` is None until we are in the group.

    ``before_rejoin`` were in this room when a person asked to rejoin. ``accused``: who contradicts
    our history. ``witnesses``: where the others are. ``intent``: what the user wants here.
    ``overtaken``: a commit of ours that we have dropped is in the log all the same.
    ``is_leaving`` keeps us from changing our leaf, ``needed_until`` from leaving, which is not put
    off longer than ``leaves_by`` for what we wrote. ``latest`` is what the server said last.
    """

    def __init__(self, user: User, record: Record) -> None:
        memory = user.memory
        self.user = user
        self.record = record
        record.forget_the_future(user.clock())
        self.parcels = Parcels(memory, record.id, self._lose)
        self.bookmark = Bookmark(memory, record.id, self._touch)
        self.closed = Closed(memory, record.id)
        self.read = Read(memory, record.id)
        self.readers = Readers(memory, record.id)
        self.outlooks = Outlooks(memory, user.engine, record.id)
        self.attempts = Attempts(memory, user.engine, record.id)
        self.helper = Helper(user, record.id)
        self.owing = Owing(user.clock, user.random)
        self.key = RoomKey(record)
        self.timer_line = TimerLine(user, record)
        self._own_commit = OwnCommit(memory, user.engine, record.id)
        name = record.id.hex()
        self._shelf = Shelf(GROUP + name, RATCHETS + name, OUTLOOK + name)
        self.seat = Seat.restore(memory, user.engine, self._shelf)
        self.committer: Committer | None = None
        self.came = False
        self.told_void: dict[str, float] = {}
        self.before_rejoin: dict[bytes, Somebody] | None = None
        self.accused: set[bytes] = set()
        self.witnesses = Witnesses(user.clock)
        self.bad_states = 0
        self.is_renewal_put_off = False
        self.overtaken = False
        self.is_leaving = False
        self.leaves_by = 0.0
        self.needed_until = 0.0
        self.intent = Intent()
        self.latest: ConversationInfo | None = None
        if self.seat is not None:
            self._look_ahead()
        if record.stage in HOLDING:
            self.move(Move.LOSE)

    @property
    def id(self) -> bytes:
        """The id, which is also that of the group."""
        return self.record.id

    @property
    def hex(self) -> str:
        """The id as it is written in events, wishes and answers."""
        return self.record.id.hex()

    @property
    def name(self) -> str:
        """What a room or group is called here, or the nick of the other person."""
        return self.record.label

    @property
    def stage(self) -> Stage:
        """Where we stand."""
        return self.record.stage

    @property
    def pending(self) -> Pending | None:
        """The commit of ours that is on its way, if there is one."""
        return self._own_commit.pending

    @property
    def in_step(self) -> bool:
        """Whether we are a member that follows the group, with its secrets."""
        return self.record.stage in INSIDE

    @property
    def is_elsewhere(self) -> bool:
        """Whether the user was here with another client only; its keys have stayed there."""
        return self.record.epoch < 0 and self.user.memory.get(MOVED) is not None

    def came_after(self, seq: int) -> bool:
        """Whether the server counts us a member since a later entry than ``seq``."""
        info = self.latest
        return info is not None and info.member and info.since >= seq

    @property
    def needs_person(self) -> bool:
        """Whether nothing goes on before somebody types ``@rejoin``."""
        return self.stage is Stage.STOPPED

    @property
    def is_held_up(self) -> bool:
        """Whether we do not get in for now, and go on trying by ourselves."""
        return self.record.cause in HOLDING_UP and self.stage is not Stage.STOPPED

    @property
    def wanted(self) -> bool:
        """Whether there is a reason to get in."""
        record, sought = self.record, self.intent.sought
        if self.intent.failure is not None:
            return False
        if record.kind is Kind.ROOM:
            return record.member or sought
        return record.member and (sought or bool(record.invitees) or self.parcels.queued)

    @property
    def group(self) -> Group:
        """The group, of which we have the secrets."""
        if self.seat is None:
            raise MisuseError("we are not in the group")
        return self.seat.group

    def move(self, move: Move) -> None:
        """Go to the next stage."""
        moves = MOVES[self.record.stage]
        if move not in moves:
            raise MisuseError(f"a conversation that is {self.record.stage} cannot {move}")
        self.record.stage = moves[move]
        self.keep()

    def keep(self) -> None:
        """Have the record kept."""
        keep_record(self.user.memory, self.record)
        self._touch()

    def _touch(self) -> None:
        """There may be something new to be told of the conversation."""
        self.user.touched.add(self.record.id)

    def mark_read(self, order: int, unread: int = 0, mentions: int = 0) -> None:
        """The user has read up to the message with this number; so many came after it."""
        self.bookmark.move(order, unread, mentions)
        self.bookmark.see(self.user.history.last_heard(self.id, order, self.user.account))
        self.user.history.mark_read(self.id, order, self.user.clock())

    def explain(self, cause: Cause, **facts: object) -> None:
        """Tell the user why something could not be read, and what happens next."""
        self.user.explain(cause, name=self.name, **facts)

    def learn(self, info: ConversationInfo) -> None:
        """Take what the server says about the conversation.

        Raises :class:`PeerError` for what cannot change: a name, and whether a room is keyed.
        """
        record = self.record
        mark_old(self.user, record, info.name)
        if info.name != record.name or info.keyed != record.keyed:
            raise PeerError("a conversation is another one than before")
        self.latest = info
        if info.incarnation != record.incarnation and not self.needs_person:
            if self.seat is not None:
                self.stop(Cause.REPLACED_HISTORY)
            else:
                record.incarnation, record.position = info.incarnation, Position()
        record.peer, record.member = info.peer, info.member
        if self.seat is None and info.gate is not None:
            record.gate = info.gate
        self.keep()

    def seek(self) -> None:
        """The user wants to be in this conversation."""
        if not self.needs_person:
            self.intent.seek()

    def invite(self, nicks: list[str]) -> None:
        """The user wants these people to be in it from the beginning."""
        self.record.invitees = nicks
        self.seek()
        self.keep()

    def submit(self, pending: Pending, after: Group, move: Move) -> None:
        """A commit is about to leave that leads to the group ``after`` it."""
        self._own_commit.put(pending, after)
        self.move(move)

    def accept(self, seq: int) -> None:
        """The server has put our commit at ``seq``; see :meth:`merge_pending`."""
        self._own_commit.accept(seq)

    def merge_pending(self, seq: int) -> None:
        """Our commit is the next entry: the group is what it leads to."""
        pending, group = self._own_commit.take()
        record = self.record
        record.renewed, record.since, record.unsure = self.user.clock(), 0, False
        self.is_renewal_put_off = False
        record.invitees, record.head = [], seq
        is_external = self.stage in {Stage.JOINING, Stage.RESYNCING}
        if is_external and pending.history:
            self.arrive(seq, pending.history, pending.giver)
        elif is_external:
            # Nobody else knows the secrets of this epoch.
            self.needed_until = self.user.clock() + NEEDED
        if self.seat is not None:
            self.witnesses.commit(seq, self.seat.public.interim_transcript_hash)
        is_own_change = self.stage in {Stage.FOUNDING, Stage.COMMITTING}
        was_in = self.stage is Stage.RESYNCING and record.known_epoch >= 0
        self._enter(group, seq, Move.ACCEPT, is_news=not is_own_change, was_in=was_in)
        self.helper.remember(group, is_own=True)

    def arrive(self, seq: int, history: bytes, giver: bytes, ago: float = 0.0) -> None:
        """Be where the state leads that ``giver`` gave; whether it was right is not certain yet."""
        if not self.attempts:
            self.record.know()
        self.record.arrive(seq, history, giver, self.user.clock() - ago)

    def refuse_pending(self) -> None:
        """Our commit was refused."""
        self._own_commit.drop()
        self.move(Move.REFUSE)

    def welcome(self, group: Group, seq: int, giver: bytes) -> None:
        """Be a member of the group that the commit ``seq`` of ``giver`` has added us to."""
        self.record.head, self.record.arrived = seq, 0
        if self.record.kind is Kind.GROUP:
            self.arrive(seq, b"", giver, ago=SEEN)
        self._enter(group, seq, Move.WELCOME, is_news=True, was_in=False)
        self.helper.remember(group, is_own=False)

    def _enter(self, group: Group, base: int, move: Move, *, is_news: bool, was_in: bool) -> None:
        self.drop_pending()
        self.came = self.came or self.is_elsewhere
        if self.seat is not None:
            self.look_back(self.seat)
        was = self.seat
        known = None if was is None else remaining(was.tree, self.record.departed)
        seat = Seat(group)
        self.seat = seat
        self.intent.failure = None
        was_held_up, self.record.cause = self.is_held_up, ""
        self.record.member = True
        self.owing.clear()
        self.settle_on(base)
        self.move(move)
        self.user.labels.name_after_founder(self.record, seat.tree)
        if was_held_up:
            self.user.emit(Notice.own("in_order", name=self.name))
        meet_members(self.user, (leaf for _, leaf in seat.tree.members()))
        if is_news and self.before_rejoin is None:
            tell_arrival(self.user, self.record, seat.tree, known, was_in=was_in)

    def follow(self, followed: Followed, seq: int, author: Somebody) -> None:
        """Go on with the commit ``seq``, which counts and leaves us our seat."""
        seat, was_in_step = self.seat_of(), self.in_step
        self.look_back(seat)
        seat.follow(followed, self.key.look_up)
        self.committer = Committer(author.account, followed.effects.committer)
        self.settle_on(seq)
        if seat.is_whole:
            self.helper.remember(seat.group, is_own=False)
        else:
            self.lack_secrets(author.nick if was_in_step else "")

    def displace(self, followed: Followed, seq: int, index: int) -> None:
        """Another copy of us has taken our seat with the commit ``seq``; it is at ``index``."""
        self.seat = Seat(self.user.engine.look_on(followed.after, index))
        self.settle_on(seq)
        self.user.meet_own_copy()
        self.fall_outside(Cause.OWN_COPY)

    def fall_outside(self, cause: Cause, **facts: object) -> None:
        """We are a member that lacks the secrets of the group, as ``cause`` says."""
        if self.stage is Stage.STOPPED:
            return
        self.came = self.came or self.is_elsewhere
        is_news = not (self.came and cause in MOVING)
        if cause is Cause.OWN_COPY:
            # It is one line, however much of the other copy is still to be read.
            is_news, self.record.unsure = is_news and not self.record.unsure, True
        self.lack_secrets("")
        if is_news:
            self.explain(cause, **facts)

    def lack_secrets(self, author: str) -> None:
        """Be a member without the secrets of the group, by the doing of ``author`` if known."""
        record = self.record
        self.drop_pending()
        if author or not record.shut_out:
            record.author, record.shut_out = author, self.user.clock()
        if self.stage is not Stage.STOPPED:
            self.move(Move.SHUT_OUT)

    def doubt_keys(self) -> None:
        """There is something of ours that we did not send: change our keys before we send."""
        if self.seat is not None and not self.record.unsure:
            self.record.unsure = True
            self.keep()
            if not self.is_elsewhere:
                self.explain(Cause.OWN_COPY)

    def return_from_leave(self, accounts: Iterable[bytes]) -> None:
        """These came back: the leaves that they have now are to stay."""
        for account in accounts:
            self.record.departed.pop(account, None)

    def part(self, account: bytes, departure: bytes) -> None:
        """Somebody is out, and their leaf may be taken out with the ``departure``, if any."""
        if self.seat is not None:
            self.record.departed[account] = departure
            self._look_ahead()
            self.keep()

    def _lose(self, parcel: Parcel) -> None:
        """Something that we wrote will never be in the log."""
        outgoing.tell_refused(self.user, self.record, self.bookmark, parcel)
        self.user.transfers.retract(parcel.message_id)

    def seat_of(self) -> Seat:
        """Our seat in the group."""
        if self.seat is None:
            raise MisuseError("we are not in the group")
        return self.seat

    def keep_ratchets(self) -> None:
        """Have kept what messages change."""
        self.seat_of().keep_ratchets(self.user.memory, self._shelf)

    def stop(self, cause: Cause) -> None:
        """The server contradicts what we know; a person has to decide."""
        if self.stage is Stage.STOPPED:
            return
        self.drop_pending()
        is_news, self.record.cause = self.record.cause != cause.name, cause.name
        self.move(Move.STOP)
        self.parcels.refuse_all(self.objection())
        if is_news:
            self.explain(cause)

    def hold_up(self, cause: Cause) -> None:
        """We do not get in now, as ``cause`` says; it is tried again."""
        if self.record.cause != cause.name:
            self.record.cause = cause.name
            self.keep()
            self.explain(cause)

    def fail(self, error: UserError) -> None:
        """What was tried last is not possible."""
        self.intent.fail(error)
        if self.seat is None:
            self.record.invitees = []
            self.parcels.refuse_all(error)
            self.keep()

    def is_stopped_for(self, cause: Cause) -> bool:
        """Whether it was stopped, and for this."""
        return self.stage is Stage.STOPPED and self.record.cause == cause.name

    def objection(self) -> UserError:
        """Why nothing is sent to a conversation that was stopped."""
        cause = Cause[self.record.cause]
        return DeniedError(cause.code, name=self.name)

    def exclude(self) -> None:
        """We are out: keep nothing of the group but how far it had come."""
        record = self.record
        self.drop_pending()
        self.give_up_seat()
        self.attempts.clear()
        self.helper.forget()
        self.intent.drop()
        record.member = record.leaving = False
        record.seen, record.departed = {}, {}
        record.cause = record.author = ""
        record.entered = record.arrived = record.missed = record.shut_out = 0
        record.contested, record.doubtful = False, {}
        self.parcels.refuse_all(DeniedError("not_a_member", case="any_more", name=self.name))
        self.move(Move.EXCLUDE)

    def give_up_seat(self) -> None:
        """Be nowhere in the group, with what is closed lost."""
        self.vacate_seat()
        self.record.missed += self.closed.clear()
        self.outlooks.clear()

    def vacate_seat(self) -> None:
        """Be nowhere for now; what could not be opened yet may still be, if we come back."""
        self.seat = None
        self._shelf.clear(self.user.memory)
        self.owing.clear()

    def settle_on(self, base: int) -> None:
        """The commit ``base`` led to where the seat is now: take it over, and have it kept."""
        seat, record = self.seat_of(), self.record
        group_context = seat.public.context
        record.base = base
        record.epoch = group_context.epoch
        record.transcript = group_context.confirmed_transcript_hash
        if record.departed:
            self.return_from_leave(record.departed.keys() - roster.members(seat.tree).keys())
        self._look_ahead()
        self.pass_gate(Charter.read(group_context.extensions).gate)
        seat.keep(self.user.memory, self._shelf)
        self.keep()

    def _look_ahead(self) -> None:
        """See which commits we owe."""
        self.owing.look(self.seat_of().vantage)
        if self.record.departed:
            self.owing.part()
        else:
            self.owing.settle()

    def look_back(self, seat: Seat) -> None:
        """Keep what an epoch looks like that ends for ``seat`` with messages of it still closed."""
        if seat.is_whole:
            return
        vantage = seat.vantage
        if vantage.public.context.epoch in self.closed.epochs():
            outlook = Outlook(vantage, self.record.base, self.user.clock())
            self.outlooks.put(outlook, archive.save_vantage(vantage))

    def pass_gate(self, gate: bytes) -> None:
        """The room has this gate now."""
        wanted = self.intent.new_key
        if wanted is not None and wanted.gate == gate:
            self.intent.new_key = None
        was = self.record.gate
        offer = self.key.pass_gate(gate)
        if offer is not None and offer.nick:
            self.user.emit(Notice.own("new_key", name=self.name, nick=offer.nick, key=offer.text))
        elif gate != was and self.key.is_lacking:
            self.explain(Cause.NO_KEY)

    def drop_pending(self) -> None:
        """Nothing comes of the commit of ours that is on its way, if there is one."""
        pending = self.pending
        if pending is not None and pending.seq > self.record.position.seq:
            self.overtaken = True
        self._own_commit.drop()
