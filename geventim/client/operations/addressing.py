"""Which conversation is meant, where a program names one."""

from typing import Final

from geventim.chat import names
from geventim.chat.names import fold, fold_again
from geventim.chat.values import ID_SIZE, Kind
from geventim.client.conversation.conversation import Conversation
from geventim.client.kept.stages import Stage
from geventim.client.operations.context import Context
from geventim.client.operations.saying.talk import find_person
from geventim.client.steps.effects import Steps
from geventim.errors import DeniedError

PERSON: Final = "@"
PLACE: Final = "#"
"""The signs before a nick, and before the name of a room or group."""


def address(context: Context, name: str) -> Steps[Conversation]:
    """The conversation that ``name`` stands for; one with a person is begun if there is none.

    Raises :class:`UserError`, with code ``unknown_name`` or ``ambiguous_name``.
    """
    if name.startswith(PERSON):
        return (yield from find_person(context, names.check_name(name[1:])))
    return find(context, name)


def is_known(context: Context, name: str) -> bool:
    """Whether ``name`` stands for one conversation that the user is in."""
    return len(find_all(context, name)) == 1


def places(context: Context, name: str) -> frozenset[bytes]:
    """All whose history ``name`` may stand for: by its id, or by what it is or was called."""
    meant = _with_id(context, name)
    if meant is not None:
        return frozenset([meant.id])
    known = frozenset(each.id for each in find_all(context, name))
    return known or context.user.history.places(name.lstrip(PERSON + PLACE))


def find(context: Context, name: str) -> Conversation:
    """The same, of those that the user is in."""
    found = find_all(context, name)
    if not found:
        raise DeniedError("unknown_name", name=name)
    if len(found) > 1:
        raise DeniedError("ambiguous_name", name=name)
    return found[0]


def _is_in(conversation: Conversation) -> bool:
    """Whether the user is in it, or about to be, or would be if nothing had stopped that."""
    is_coming = conversation.intent.sought or conversation.stage is Stage.STOPPED
    return conversation.record.member or is_coming


def find_all(context: Context, name: str) -> list[Conversation]:
    """All of those that ``name`` may stand for; what has that id is the only one."""
    meant = _with_id(context, name)
    if meant is not None and _is_in(meant):
        return [meant]
    kinds = {Kind.ROOM, Kind.GROUP, Kind.DM}
    bare = name
    if name.startswith(PLACE):
        kinds, bare = kinds - {Kind.DM}, name[1:]
    elif name.startswith(PERSON):
        kinds, bare = {Kind.DM}, name[1:]
    folded = fold(bare)
    return [
        conversation
        for conversation in context.conversations
        if conversation.record.kind in kinds
        and fold_again(conversation.name) == folded
        and _is_in(conversation)
    ]


def _with_id(context: Context, name: str) -> Conversation | None:
    """The conversation whose id ``name`` is, as programs write it."""
    if len(name) != 2 * ID_SIZE:
        return None
    try:
        conversation = context.conversations.get(bytes.fromhex(name))
    except ValueError:
        return None
    return conversation if conversation is not None and conversation.id.hex() == name else None
