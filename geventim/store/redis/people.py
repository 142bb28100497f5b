"""Accounts, names and key packages in Redis."""

import struct
from math import inf
from operator import attrgetter
from typing import Final, assert_never

from msgspec.structs import replace

from geventim.chat import limits
from geventim.chat.names import fold, skeleton
from geventim.chat.values import Account, Conversation, Sanction
from geventim.log.changes import AddKeyPackages, TakeKeyPackage
from geventim.log.outcomes import (
    KEY_TAKEN,
    NICK_TAKEN,
    NO_KEY_PACKAGE,
    NOT_INVITED,
    NOT_LISTED,
    Outcome,
    Refusal,
    Taken,
)
from geventim.log.people import (
    AddInvite,
    Allow,
    Invite,
    NoteSeen,
    OfPeople,
    Register,
    RemoveInvite,
    Seen,
    SetAllowance,
    SetOperator,
    SetSanction,
    SetStatus,
    is_repeated,
    sanctioned,
)
from geventim.store.redis import layout, scripts
from geventim.store.redis.layout import key, pack, unpack_account, unpack_seen
from geventim.store.redis.link import RedisLink

REFUSALS: Final = {
    refusal.code: refusal for refusal in (NICK_TAKEN, KEY_TAKEN, NOT_LISTED, NOT_INVITED)
}

_TIME: Final = struct.Struct(">d")


class RedisPeople:
    """The people behind ``link``."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    def account(self, account: bytes) -> Account | None:
        """The account with this id."""
        found = self._link.ask("HGET", layout.ACCOUNTS, account)
        return unpack_account(found) if found else None

    def account_by(self, field_key: str, field: str | bytes) -> Account | None:
        """The account that stands under ``field`` in one of the directories."""
        account = self._link.ask("HGET", field_key, field)
        return self.account(account) if account else None

    def accounts(self) -> list[Account]:
        """Every account, sorted by nick."""
        found = self._link.ask("HVALS", layout.ACCOUNTS)
        return sorted(map(unpack_account, found), key=attrgetter("nick", "id"))

    def invites(self) -> dict[str, Invite]:
        """See :meth:`geventim.log.store.Store.invites`."""
        asked = (("HGETALL", name) for name in (layout.INVITES, layout.ENDS))
        found, ends = self._link.ask_all(list(asked), atomic=True)
        return {
            code.decode(): Invite(int(uses), float(ends.get(code, inf)))
            for code, uses in found.items()
        }

    def last_seen(self) -> dict[bytes, Seen]:
        """See :meth:`geventim.log.store.Store.last_seen`."""
        found = self._link.ask("HGETALL", layout.SEEN)
        return {account: unpack_seen(seen) for account, seen in found.items()}

    def apply(self, change: OfPeople) -> Outcome:
        """The outcome of ``change``."""
        match change:
            case Register():
                return self._register(change)
            case SetStatus():
                return self._change(change.account, status=change.status)
            case SetOperator():
                return self._change(change.account, operator=change.operator)
            case SetSanction():
                return self._set_sanction(change)
            case AddInvite():
                self._link.write("HSET", layout.ENDS, change.code, change.end)
                self._link.write("HSET", layout.INVITES, change.code, change.uses)
            case RemoveInvite():
                self._link.write("HDEL", layout.INVITES, change.code)
                self._link.ask("HDEL", layout.ENDS, change.code)
            case SetAllowance():
                return self._change(change.account, allowance=change.allowance)
            case NoteSeen():
                self._link.write("HSET", layout.SEEN, change.account, pack(change.seen))
            case Allow():
                self._link.write("SADD", layout.ALLOWED, fold(change.nick))
            case _:
                assert_never(change)
        return None

    def _register(self, change: Register) -> Account | Refusal:
        """See :class:`geventim.log.people.Register`."""
        new = change.account
        values = (
            new.id,
            pack(new),
            fold(new.nick),
            skeleton(new.nick),
            new.channel_key,
            "listed" if change.listed else "",
            "" if change.code is None else "invited",
            change.code or "",
            change.time,
        )
        keys = (
            layout.ACCOUNTS,
            layout.NICKS,
            layout.LOOKS,
            layout.KEYS,
            layout.ALLOWED,
            layout.INVITES,
            layout.ROOMS,
            layout.FACES,
            layout.ENDS,
        )
        refusal = self._link.write("EVAL", scripts.REGISTER, len(keys), *keys, *values)
        if not refusal:
            return new
        known = self.account(new.id)
        if known is not None and is_repeated(known, new):
            return known
        return REFUSALS[refusal.decode()]

    def _change(self, account: bytes, **fields: object) -> Account | None:
        """The account with other ``fields``; None if there is none."""
        while True:
            found = self._link.ask("HGET", layout.ACCOUNTS, account)
            if not found:
                return None
            changed = replace(unpack_account(found), **fields)
            values = (layout.ACCOUNTS, account, found, pack(changed))
            if self._link.write("EVAL", scripts.EXCHANGE, 1, *values):
                return changed

    def _set_sanction(self, change: SetSanction) -> Account | Refusal | None:
        """See :class:`geventim.log.people.SetSanction`."""
        while True:
            found = self._link.ask("HGET", layout.ACCOUNTS, change.account)
            if not found:
                return None
            known = unpack_account(found)
            judged = sanctioned(known, change.sanction)
            if isinstance(judged, Refusal):
                return judged
            if self._replace(known, judged):
                break
        if judged.sanction.has_ended:
            self._link.write("DEL", *(key(noun, judged.id) for noun in ("packages", "resort")))
        return judged

    def _replace(self, known: Account, judged: Account) -> bool:
        """Put ``judged`` in the place of ``known``, if that is still so; free its nick if due."""
        keys = (layout.ACCOUNTS, layout.NICKS, layout.LOOKS)
        is_released = judged.sanction is Sanction.RELEASED
        names = (fold(judged.nick), skeleton(judged.nick)) if is_released else ()
        values = (judged.id, pack(known), pack(judged), *names)
        return bool(self._link.write("EVAL", scripts.JUDGE, len(keys), *keys, *values))

    def room_named(self, name: str) -> bytes | None:
        """The id of the room with this name."""
        found: bytes | None = self._link.ask("HGET", layout.ROOMS, fold(name))
        return found

    def rooms(self, after: str, most: int) -> list[tuple[str, bytes]]:
        """The first folded names of rooms behind ``after``, each with the id of the room."""
        keys = (layout.ROOMS, layout.ORDER)
        # What this may repair is made of what is kept anyway.
        found = self._link.ask("EVAL", scripts.ROOMS, len(keys), *keys, after, most)
        return [(name.decode(), room) for name, room in zip(found[::2], found[1::2], strict=True)]

    def claim_name(self, room: Conversation) -> bytes | None:
        """Give a room its name, if nothing else has it, or one that looks like it.

        Else which room that is, or :data:`.scripts.PERSON`.
        """
        keys = (layout.ROOMS, layout.FACES, layout.NICKS, layout.LOOKS, layout.ORDER)
        values = (fold(room.name), skeleton(room.name), room.id)
        holder: bytes = self._link.write("EVAL", scripts.CLAIM, len(keys), *keys, *values)
        return holder or None

    def release_name(self, room: Conversation, holder: bytes) -> None:
        """Let ``holder`` no longer have the name of ``room``."""
        keys = (layout.ROOMS, layout.FACES, layout.ORDER)
        values = (fold(room.name), skeleton(room.name), holder)
        self._link.ask("EVAL", scripts.RELEASE, len(keys), *keys, *values)

    def remember_creation(self, account: bytes, message_id: bytes, conversation: bytes) -> bytes:
        """The conversation that ``account`` makes with this message id: the first one it was."""
        made = key("made", account)
        values = (made, message_id, conversation)
        first: bytes = self._link.write("EVAL", scripts.REMEMBER, 1, *values)
        return first

    def forget_creation(self, account: bytes, message_id: bytes) -> None:
        """Nothing came of it."""
        self._link.ask("HDEL", key("made", account), message_id)

    def add_packages(self, change: AddKeyPackages) -> None:
        """See :class:`geventim.log.changes.AddKeyPackages`."""
        if change.last_resort:
            self._link.write("SET", key("resort", change.account), change.packages[-1])
            return
        packages = [_TIME.pack(change.time) + package for package in change.packages]
        kept = key("packages", change.account)
        self._link.write("EVAL", scripts.STOCK, 1, kept, -limits.KEY_PACKAGES, *packages)

    def take_package(self, change: TakeKeyPackage) -> Taken | Refusal:
        """See :class:`geventim.log.changes.TakeKeyPackage`."""
        keys = (key("packages", change.account), key("resort", change.account))
        found = self._link.write("EVAL", scripts.TAKE, 2, *keys, change.after)
        return Taken(found[0], found[1]) if found else NO_KEY_PACKAGE

    def count_packages(self, account: bytes, after: float) -> int:
        """How many can be taken once, not counting what came before ``after``."""
        kept = key("packages", account)
        return int(self._link.ask("EVAL", scripts.COUNT, 1, kept, after))
