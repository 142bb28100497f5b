"""Meeting people in conversations: who they are there against whom we know, and what that means.

In a room a person whose key has changed is a line of warning. To two people and to groups nothing
is sent while one of them has another key than before.
"""

from collections.abc import Iterable, Iterator

from geventim.chat.values import Kind
from geventim.client.context import Context
from geventim.client.credentials import read_credential
from geventim.client.events import KeyChanged
from geventim.client.trust import News, Standing
from geventim.crypto.readable import encode_key
from geventim.errors import UserError
from geventim.mls.leaf_node import LeafNode
from geventim.mls.ratchet_tree import RatchetTree


def meet(context: Context, nick: str, identity: bytes) -> Standing:
    """What we hold of ``nick`` with this identity key; tell what is new and matters."""
    sighting = context.trust.see(nick, identity)
    if sighting.news not in {None, News.FIRST}:
        context.emit(KeyChanged(nick, encode_key(identity), sighting.news, sighting.known))
    return sighting.standing


def meet_members(context: Context, leaves: Iterable[LeafNode]) -> tuple[str, ...]:
    """Meet those whose ``leaves`` these are; the nicks of those who are verified."""
    return tuple(
        nick
        for nick, identity in _people(leaves)
        if meet(context, nick, identity) is Standing.VERIFIED
    )


def distrust(context: Context, kind: Kind, tree: RatchetTree) -> UserError | None:
    """Why nothing may be sent to those in ``tree``, in a conversation of this ``kind``, if so."""
    if kind is Kind.ROOM:
        return None
    try:
        context.trust.require(_people(leaf for _, leaf in tree.members()))
    except UserError as error:
        return error
    return None


def _people(leaves: Iterable[LeafNode]) -> Iterator[tuple[str, bytes]]:
    return ((read_credential(leaf.credential).nick, leaf.signature_key) for leaf in leaves)
