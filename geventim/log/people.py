"""Changes about people: who has an account, who may get one, and what the operator says of them."""

from math import inf

from msgspec import Struct

from geventim.chat.values import Account, Allowance, Nearness, Sanction, Status


class Register(Struct, frozen=True):
    """Add an account. ``code`` uses up an invite; ``listed`` asks that the nick was allowed.

    An invite counts only before its end; ``time`` is in seconds since the epoch.

    Outcome: the :class:`Account`, NOT_LISTED, NOT_INVITED, NICK_TAKEN (also for a confusable nick,
    and for the name of a room), or KEY_TAKEN when the keys belong to another nick, looked at in
    this order; nothing is used up by a refusal. Repeating it with the same keys and nick gives the
    account as it is by now.
    """

    account: Account
    code: str | None = None
    listed: bool = False
    time: float = 0.0


class SetStatus(Struct, frozen=True):
    """Change an account's status. Outcome: the changed :class:`Account`; None if there is none."""

    account: bytes
    status: Status


class SetOperator(Struct, frozen=True):
    """Make an account an operator, or let it be ``operator`` no longer.

    Outcome: the changed :class:`Account`; None if there is none.
    """

    account: bytes
    operator: bool = True


class SetSanction(Struct, frozen=True):
    """Let ``sanction`` hold for an account, in place of what did.

    Where it ends the account, its key packages are dropped, and it is no operator any more; with
    RELEASED the nick is free. Such an account can only be released after that, or what has been
    done be repeated. Outcome: the changed :class:`Account`, ACCOUNT_ENDED, or None if there is
    none.
    """

    account: bytes
    sanction: Sanction


class SetAllowance(Struct, frozen=True):
    """Let an account make the server keep more or less than others.

    Outcome: the changed :class:`Account`; None if there is none.
    """

    account: bytes
    allowance: Allowance


class Seen(Struct, frozen=True):
    """When somebody was there last, in seconds since the epoch, and from where."""

    time: float
    nearness: Nearness


class NoteSeen(Struct, frozen=True):
    """Somebody was there at this ``time``, in seconds since the epoch. Outcome: None."""

    account: bytes
    seen: "Seen"


class Invite(Struct, frozen=True):
    """So many people may come, before ``end`` in seconds since the epoch."""

    uses: int
    end: float = inf


class AddInvite(Struct, frozen=True):
    """Let ``uses`` registrations use ``code`` before ``end``, whatever was before. Outcome: None.

    The end is in seconds since the epoch.
    """

    code: str
    uses: int
    end: float = inf


class RemoveInvite(Struct, frozen=True):
    """Let nobody use ``code`` any more. Outcome: None."""

    code: str


class Allow(Struct, frozen=True):
    """Let ``nick`` be claimed on a server that asks for it. Outcome: None."""

    nick: str


OfPeople = (
    Register
    | SetStatus
    | SetOperator
    | SetSanction
    | SetAllowance
    | NoteSeen
    | AddInvite
    | RemoveInvite
    | Allow
)
