"""Meeting people in conversations: who they are there against whom we know, and what that means.

In a room a person whose key has changed is a line of warning. To two people and to groups nothing
is sent while one of them has another key than before. Somebody is met under the nick that both the
leaf and the server say; see :mod:`.directory`.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from geventim.chat.names import OLD
from geventim.chat.replies import Found
from geventim.chat.requests import LookUp
from geventim.chat.values import Kind, account_id
from geventim.client.causes import Cause
from geventim.client.events import KeyChanged
from geventim.client.kept.record import Record
from geventim.client.people.credentials import Somebody, read_credential
from geventim.client.people.directory import account_name
from geventim.client.people.trust import News, Standing
from geventim.client.steps.effects import Operation, RefusedError, ask
from geventim.client.user import User, is_name
from geventim.crypto.readable import encode_key
from geventim.errors import UserError
from geventim.mls.ground.leaf_node import LeafNode
from geventim.mls.tree.ratchet_tree import RatchetTree

NOBODY: Final = frozenset({"user_not_found", "bad_name"})
"""The server's words for a nick that nobody has."""


def meet(user: User, nick: str, identity: bytes) -> Standing:
    """What we hold of ``nick`` with this identity key; tell what is new and matters.

    It is the server that calls them so.
    """
    user.directory.declare(account_id(identity), nick)
    sighting = user.trust.see(nick, identity)
    if sighting.news not in {None, News.FIRST}:
        user.emit(KeyChanged(nick, encode_key(identity), sighting.news, sighting.known))
    return sighting.standing


def meet_members(user: User, leaves: Iterable[LeafNode]) -> tuple[str, ...]:
    """Meet those whose ``leaves`` these are; the nicks of those who are verified."""
    verified = []
    strangers = 0
    for somebody, identity in _people(leaves):
        agrees = _is_called(user, somebody)
        if agrees:
            nick = user.directory.spell(somebody)
            if meet(user, nick, identity) is Standing.VERIFIED:
                verified.append(nick)
        elif agrees is False:
            accuse(user, somebody)
        elif strangers < user.measures.introductions:
            strangers += 1
            user.directory.claim(somebody, identity)
    return tuple(verified)


def ask_around(user: User) -> Operation:
    """Ask the server about those of whom nothing but their own word is known."""
    for somebody, identity in user.directory.claims():
        try:
            person = (yield from ask(Found, LookUp(id=0, nick=somebody.nick))).person
        except RefusedError as refused:
            if refused.code not in NOBODY:
                user.directory.forget_claims()
                return
            person = None
        if person is None or (person.account, person.nick) != (somebody.account, somebody.nick):
            user.directory.declare(somebody.account, "")
            accuse(user, somebody)
        else:
            meet(user, somebody.nick, identity)


def call(user: User, somebody: Somebody) -> str:
    """What ``somebody`` is called: by their nick, unless that is not theirs."""
    agrees = _is_called(user, somebody)
    if agrees is None:
        # Of a stranger who says to be somebody we know, we believe it to neither.
        agrees = user.trust.pin(somebody.nick) is None
    return user.directory.spell(somebody) if agrees else account_name(somebody.account)


def call_all(user: User, people: dict[bytes, Somebody]) -> dict[bytes, Somebody]:
    """The same ``people`` under the nicks that they are called by."""
    return {each.account: Somebody(each.account, call(user, each)) for each in people.values()}


def standings(user: User, tree: RatchetTree) -> dict[str, Standing]:
    """What everybody in ``tree`` is called, and what we hold of them."""
    found = {}
    for somebody, identity in _people(leaf for _, leaf in tree.members()):
        nick = call(user, somebody)
        found[nick] = user.trust.standing(nick, identity)
    return found


def accuse(user: User, somebody: Somebody) -> None:
    """Say, once, that ``somebody`` goes by a nick that is not theirs."""
    if user.directory.accuse(somebody.account):
        user.explain(Cause.FALSE_NICK, author=account_name(somebody.account))


def mark_old(user: User, record: Record, nick: str) -> None:
    """The other one of two is called ``nick`` now, if that marks an account that was released."""
    if record.peer is not None and nick == record.name + OLD:
        record.name = nick
        user.trust.see(nick, record.peer.identity)


def is_pinned(user: User, somebody: Somebody) -> bool:
    """Whether we know ``somebody`` by that very nick and account."""
    pin = user.trust.pin(somebody.nick)
    return (
        pin is not None
        and pin.nick == somebody.nick
        and account_id(pin.identity) == somebody.account
    )


def distrust(user: User, kind: Kind, tree: RatchetTree) -> UserError | None:
    """Why nothing may be sent to those in ``tree``, in a conversation of this ``kind``, if so.

    Who has a nick that is not theirs is no reason: they are seen for what they are.
    """
    if kind is Kind.ROOM:
        return None
    people = _people(leaf for _, leaf in tree.members())
    try:
        user.trust.require(
            (user.directory.spell(somebody), identity)
            for somebody, identity in people
            if _is_called(user, somebody) is not False
        )
    except UserError as error:
        return error
    return None


def _is_called(user: User, somebody: Somebody) -> bool | None:
    """Whether ``somebody`` has the nick that they say; None where only they say it."""
    if not is_name(somebody.nick):
        return False
    agrees = user.directory.agrees(somebody)
    return True if agrees is None and is_pinned(user, somebody) else agrees


def _people(leaves: Iterable[LeafNode]) -> Iterator[tuple[Somebody, bytes]]:
    return ((read_credential(leaf.credential), leaf.signature_key) for leaf in leaves)
