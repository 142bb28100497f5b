"""One conversation: its stage, its group, and how far its log was read.

Everything here is a step that is taken at once: what it changes is kept together. When to take
which step is up to :mod:`.follower`; what an entry means, to :mod:`.entries`.
"""

from collections.abc import Iterable
from typing import Final

from geventim.chat.replies import ConversationInfo, Recipient
from geventim.chat.values import Kind
from geventim.client import content, gates, roster
from geventim.client.acquaintance import call_all, meet_members
from geventim.client.causes import Cause
from geventim.client.charter import Charter, psk_name
from geventim.client.content import ContentKind
from geventim.client.context import Context
from geventim.client.credentials import Somebody
from geventim.client.events import Notice, Sent, Speaker
from geventim.client.gates import NewKey
from geventim.client.parcels import Parcel, Parcels
from geventim.client.position import Position
from geventim.client.record import (
    GROUP,
    MOVED,
    RATCHETS,
    Pending,
    Record,
    keep_pending,
    keep_record,
    load_pending,
)
from geventim.client.stages import HOLDING, INSIDE, MOVES, Move, Stage
from geventim.errors import MisuseError, PeerError, UserError
from geventim.mls import archive
from geventim.mls.group import Group
from geventim.mls.psk import PskName
from geventim.mls.staged_commit import StagedCommit

MOVING: Final = frozenset({Cause.OWN_COPY, Cause.LOST_WELCOME})
"""What is to be expected where the user was with another client only."""

REST: Final = 600.0
"""Seconds between two repairs of one conversation."""

SPREAD: Final = 2.0
"""Seconds over which repairs are spread, so that not all members come at once."""


class ContradictionError(PeerError):
    """The server gives out what contradicts what we know; ``cause`` says how."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.code)
        self.cause = cause


class Conversation:
    """``group`` is None until we are in it. ``failure`` is why the last attempt to get in failed.

    ``sought`` says whether the user wants to be in this room. ``before_rejoin`` has those who were
    in it when a person asked to rejoin, ``accused`` those whose contradiction about the history was
    told already, ``new_key`` what a keyed room is to have. ``latest`` is what the server said last.
    """

    def __init__(self, context: Context, record: Record) -> None:
        self.context = context
        self.record = record
        self.parcels = Parcels(context.memory, record.id)
        self.pending = load_pending(context.memory, record.id)
        self.group = self._restore()
        self.failure: UserError | None = None
        self.before_rejoin: dict[bytes, Somebody] | None = None
        self.accused: set[bytes] = set()
        self.new_key: NewKey | None = None
        self.sought = False
        self.latest: ConversationInfo | None = None
        if record.stage in HOLDING:
            # The turn was lost with the process that had it.
            self.move(Move.LOSE)

    @property
    def id(self) -> bytes:
        """The id, which is also that of the group."""
        return self.record.id

    @property
    def name(self) -> str:
        """What a room or group is called here, or the nick of the other person."""
        return self.record.alias or self.record.name

    @property
    def stage(self) -> Stage:
        """Where we stand."""
        return self.record.stage

    @property
    def in_step(self) -> bool:
        """Whether we are a member that follows the group."""
        return self.record.stage in INSIDE

    @property
    def is_elsewhere(self) -> bool:
        """Whether the user was here with another client only; its keys have stayed there."""
        return self.record.epoch < 0 and self.context.memory.get(MOVED) is not None

    @property
    def needs_person(self) -> bool:
        """Whether nothing goes on before somebody types ``@rejoin``."""
        return self.stage is Stage.STOPPED and not self.is_stopped_for(Cause.BAD_GROUP)

    @property
    def wanted(self) -> bool:
        """Whether there is a reason to get in."""
        record = self.record
        if self.failure is not None:
            return False
        if record.kind is Kind.ROOM:
            return record.member or self.sought
        return record.member and (self.sought or bool(record.invitees) or self.parcels.queued)

    @property
    def lacks_key(self) -> bool:
        """Whether this is a keyed room whose present key we do not have."""
        record = self.record
        if not record.keyed:
            return False
        return not record.room_key or gates.gate(record.room_key).public != record.gate

    @property
    def charter(self) -> Charter:
        """What the group is founded on, as far as the server says."""
        return Charter(self.record.kind, self.record.gate)

    def move(self, move: Move) -> None:
        """Go to the next stage."""
        moves = MOVES[self.record.stage]
        if move not in moves:
            raise MisuseError(f"a conversation that is {self.record.stage} cannot {move}")
        self.record.stage = moves[move]
        self.keep()

    def keep(self) -> None:
        """Have the record kept."""
        keep_record(self.context.memory, self.record)

    def explain(self, cause: Cause, **facts: object) -> None:
        """Tell the user why something could not be read, and what happens next."""
        self.context.explain(cause, name=self.name, **facts)

    def learn(self, info: ConversationInfo) -> None:
        """Take what the server says about the conversation.

        Raises :class:`PeerError` for what cannot change: a name, and whether a room is keyed.
        """
        record = self.record
        if info.name != record.name or info.keyed != record.keyed:
            raise PeerError("a conversation is another one than before")
        self.latest = info
        if info.incarnation != record.incarnation and not self.needs_person:
            if self.group is not None:
                self.stop(Cause.REPLACED_HISTORY)
            else:
                record.incarnation, record.position = info.incarnation, Position()
        record.peer, record.member = info.peer, info.member
        if not self.in_step and info.gate is not None:
            record.gate = info.gate
        self.keep()

    def seek(self) -> None:
        """The user wants to be in this conversation."""
        if not self.needs_person:
            self.sought, self.failure = True, None

    def invite(self, nicks: list[str]) -> None:
        """The user wants these people to be in it from the beginning."""
        self.record.invitees = nicks
        self.seek()
        self.keep()

    def take_key(self, secret: bytes) -> None:
        """The user has typed the key of the room; ``secret`` is what it stretches to.

        It is not known to be the right one before a member's state of the group has said so.
        """
        record = self.record
        record.room_key = secret
        if not record.member:
            record.gate = gates.gate(secret).public if secret else b""
        self.keep()

    def change_key(self, new: NewKey) -> None:
        """The user wants the room to have another key."""
        self.new_key, self.failure = new, None

    def look_up(self, name: PskName) -> bytes | None:
        """The PSK of a keyed room, under its present name."""
        record = self.record
        if not record.gate or self.lacks_key or name != psk_name(record.gate):
            return None
        return gates.psk(record.room_key)

    def submit(self, pending: Pending, move: Move) -> None:
        """A commit is about to leave."""
        self.pending = pending
        keep_pending(self.context.memory, self.id, pending)
        self.move(move)

    def accept(self, seq: int) -> None:
        """The server has put our commit at ``seq``; see :meth:`merge_pending`."""
        if self.pending is not None:
            self.pending.seq = seq
            keep_pending(self.context.memory, self.id, self.pending)

    def merge_pending(self, seq: int) -> None:
        """Our commit is the next entry: the group is what it leads to."""
        pending = self._take_pending()
        record = self.record
        group = self.context.engine.restore(pending.fixed, pending.moving)
        record.own_commit = pending.message_id
        record.renewed, record.since = self.context.clock(), 0
        record.invitees = []
        if self.stage is Stage.RESYNCING:
            record.resynced = self.context.clock()
        self.enter(group, seq, Move.ACCEPT)

    def refuse_pending(self) -> None:
        """Our commit was refused."""
        self._take_pending()
        self.move(Move.REFUSE)

    def enter(self, group: Group, head: int, move: Move) -> None:
        """Be a member of ``group``, whose last commit is ``head``."""
        self._drop_pending()
        came = self.is_elsewhere
        is_own_change = self.stage in {Stage.FOUNDING, Stage.COMMITTING}
        known, self.group = self._remaining(), group
        self.failure = None
        was_bad, self.record.cause = self.record.cause == Cause.BAD_GROUP.name, ""
        self.record.member = True
        self._settle_on(head)
        self.move(move)
        self.context.conversations.name_after_founder(self, group)
        if was_bad:
            self.context.emit(
                Notice(f"'{self.name}' is in order now; you are in it.", "in_order", Speaker.CLIENT)
            )
        meet_members(self.context, (leaf for _, leaf in group.members()))
        if not is_own_change and self.before_rejoin is None:
            self._tell_members(known)
        missed, self.record.missed = self.record.missed, 0
        if missed and came:
            text = f"What was written in '{self.name}' until now cannot be read here."
            self.context.emit(Notice(text, "moved", Speaker.CLIENT))
        elif missed:
            self.explain(Cause.MISSED, count=missed)

    def _tell_members(self, known: dict[bytes, Somebody] | None) -> None:
        """Say who is in a group that we have come into, and who came and went unseen."""
        now = roster.members(self.member_of())
        is_news = self.record.kind is Kind.GROUP if known is None else known.keys() != now.keys()
        if is_news:
            called = call_all(self.context, now)
            before = None if known is None else call_all(self.context, known)
            text = f"You are in '{self.name}'. {roster.describe(called, before)}"
            self.context.emit(Notice(text, "members", Speaker.CLIENT))

    def _remaining(self) -> dict[bytes, Somebody] | None:
        """Who was in the group and has not left, as far as we know; None if we were not in it."""
        if self.group is None:
            return None
        present = roster.members(self.group)
        return {each: present[each] for each in present if each not in self.record.departed}

    def merge(self, staged: StagedCommit, head: int) -> None:
        """Apply a commit of somebody else, that keeps us in."""
        self.member_of().merge(staged)
        self._settle_on(head)

    def return_from_leave(self, accounts: Iterable[bytes]) -> None:
        """These came back: the leaves that they have now are to stay."""
        came = frozenset(accounts)
        record = self.record
        record.departed = [account for account in record.departed if account not in came]

    def member_of(self) -> Group:
        """The group, in which we are."""
        if self.group is None:
            raise MisuseError("we are not in the group")
        return self.group

    def keep_ratchets(self) -> None:
        """Have kept what messages change."""
        group = self.member_of()
        self.context.memory.put_later(
            RATCHETS + self.id.hex(), lambda: archive.save_moving(group.state)
        )

    def post(self, said: content.Content) -> Parcel:
        """Queue a message.

        Raises :class:`UserError` for one that no entry can hold, and where nothing can be sent.
        """
        if self.stage is Stage.STOPPED:
            raise self.objection()
        if self.record.kind is Kind.ROOM and not self.record.member and not self.sought:
            name = self.name
            raise UserError(
                "not_a_member", f"You are not in room '{name}'.", f"Enter it with '@join {name}'."
            )
        encoded = content.encode(said)
        # What was not possible before may be by now.
        self.failure = None
        self.record.parcels += 1
        parcel = Parcel(self.record.parcels, self.context.new_id(), encoded)
        self.parcels.put(parcel)
        self.keep()
        return parcel

    def accept_parcel(self, parcel: Parcel, seq: int, recipient: Recipient | None = None) -> None:
        """The server has put ``parcel`` at ``seq``."""
        self.parcels.accept(parcel, seq, recipient)
        self.record.accepted += 1
        self.keep()
        said = content.parse(parcel.content)
        if said.kind is not ContentKind.KEY:
            message_id = parcel.message_id.hex()
            self.context.emit(Sent(message_id, seq, self.name, said.kind, said.message))
        self.remember(said, seq)

    def remember(self, said: content.Content, seq: int, *, verified: bool = False) -> None:
        """Put what somebody wrote into the history, but for secrets and keys."""
        if said.kind not in {ContentKind.SECRET, ContentKind.KEY}:
            self.context.history.add(
                self.id,
                self.name,
                kind=said.kind,
                nick=said.nick,
                text=said.message,
                date=said.date,
                seq=seq,
                verified=verified,
            )

    def strand(self, cause: Cause, **facts: object) -> None:
        """Our copy of the group leads nowhere: get in anew, but not too often."""
        if self.stage is Stage.STOPPED:
            return
        record, now = self.record, self.context.clock()
        self._drop_pending()
        spread = SPREAD * int.from_bytes(self.context.random(2), "big") / 0xFFFF
        record.resync_at = max(now, record.resynced + REST if record.resynced else 0) + spread
        record.disputed = record.doubted = 0
        is_news = not (self.is_elsewhere and cause in MOVING)
        self.move(Move.STRAND)
        if is_news:
            self.explain(cause, **facts)

    def stop(self, cause: Cause) -> None:
        """The server contradicts what we know; a person has to decide."""
        if self.stage is Stage.STOPPED:
            return
        self._drop_pending()
        is_news, self.record.cause = self.record.cause != cause.name, cause.name
        self.move(Move.STOP)
        self.parcels.refuse_all(self.objection())
        if is_news:
            self.explain(cause)

    def fail(self, error: UserError) -> None:
        """What was tried last is not possible."""
        self.failure, self.new_key, self.sought = error, None, False
        if self.group is None:
            self.record.invitees = []
            self.parcels.refuse_all(error)
            self.keep()

    def is_stopped_for(self, cause: Cause) -> bool:
        """Whether it was stopped, and for this."""
        return self.stage is Stage.STOPPED and self.record.cause == cause.name

    def objection(self) -> UserError:
        """Why nothing is sent to a conversation that was stopped."""
        cause = Cause[self.record.cause]
        return UserError(cause.code, cause.text(name=self.name))

    def retry(self) -> None:
        """Try to get in again, believing no more than before."""
        is_outside = self.group is None and not self.record.member
        self.move(Move.RETRY if is_outside else Move.REJOIN)

    def rejoin(self) -> None:
        """A person wants to go on with what the server has now."""
        record = self.record
        self.retry()
        self.failure, record.cause = None, ""
        self.before_rejoin = None if self.group is None else roster.members(self.group)
        record.epoch, record.transcript = -1, b""
        record.resynced = record.resync_at = 0
        record.seen, record.departed = {}, []
        info, read = self.latest, record.position.seq
        if info is not None and info.incarnation != record.incarnation:
            record.incarnation, record.position = info.incarnation, Position()
        else:
            # Whatever the log looked like to us, from here on it is the one of the server.
            record.position = Position(min(read, info.head) if info and info.head else read)
        self.keep()

    def exclude(self) -> None:
        """We are out: keep nothing of the group but how far it had come."""
        record, memory = self.record, self.context.memory
        self._drop_pending()
        self.group = None
        memory.drop(GROUP + self.id.hex())
        memory.drop(RATCHETS + self.id.hex())
        self.sought, self.new_key = False, None
        record.member, record.seen, record.departed = False, {}, []
        record.cause = ""
        record.disputed = record.doubted = record.missed = 0
        self.parcels.refuse_all(
            UserError("not_a_member", f"You are not a member of '{self.name}' any more.")
        )
        self.move(Move.EXCLUDE)

    def _settle_on(self, head: int) -> None:
        group, record = self.member_of(), self.record
        record.head = head
        record.epoch, record.transcript = group.epoch, group.confirmed_transcript_hash
        record.disputed = record.doubted = 0
        if record.departed:
            present = roster.members(group)
            record.departed = [account for account in record.departed if account in present]
        self.pass_gate(Charter.read(group.extensions).gate)
        fixed = GROUP + self.id.hex()
        self.context.memory.put_later(fixed, lambda: archive.save_fixed(group.state))
        self.keep_ratchets()
        self.keep()

    def pass_gate(self, gate: bytes) -> None:
        """Use the key that was announced, if the room has another gate now."""
        record = self.record
        if self.new_key is not None and self.new_key.gate == gate:
            self.new_key = None
        if gate == record.gate:
            return
        record.gate, offered = gate, record.offered_key
        if offered and gates.gate(offered).public == gate:
            record.room_key, record.offered_key = offered, b""
        if self.lacks_key:
            self.explain(Cause.NO_KEY)

    def _take_pending(self) -> Pending:
        pending = self.pending
        if pending is None:
            raise MisuseError("no commit of ours is on its way")
        self._drop_pending()
        return pending

    def _drop_pending(self) -> None:
        if self.pending is not None:
            self.pending = None
            keep_pending(self.context.memory, self.id, None)

    def _restore(self) -> Group | None:
        memory = self.context.memory
        fixed, moving = memory.get(GROUP + self.id.hex()), memory.get(RATCHETS + self.id.hex())
        if fixed is None or moving is None:
            return None
        return self.context.engine.restore(fixed, moving)
