"""Which conversation is meant, where a program names one."""

from geventim.chat import names
from geventim.chat.names import fold
from geventim.chat.values import Kind
from geventim.client.conversation.conversation import Conversation
from geventim.client.operations.context import Context
from geventim.client.operations.talk import find_person
from geventim.client.steps.effects import Steps
from geventim.errors import UserError

PERSON, PLACE = "@", "#"


def address(context: Context, name: str) -> Steps[Conversation]:
    """The conversation that ``name`` stands for; one with a person is begun if there is none.

    Raises :class:`UserError`, with code ``unknown_name`` or ``ambiguous_name``.
    """
    if name.startswith(PERSON):
        return (yield from find_person(context, names.check_name(name[1:])))
    return find(context, name)


def is_known(context: Context, name: str) -> bool:
    """Whether ``name`` stands for a conversation that the user is in."""
    try:
        find(context, name)
    except UserError:
        return False
    return True


def find(context: Context, name: str, *, is_past: bool = False) -> Conversation:
    """The same, of those that the user is in; by its id also one that is past, if that may be."""
    for conversation in context.conversations:
        if conversation.id.hex() == name and (is_past or conversation.record.member):
            return conversation
    kinds = {Kind.ROOM, Kind.GROUP, Kind.DM}
    bare = name
    if name.startswith(PLACE):
        kinds, bare = kinds - {Kind.DM}, name[1:]
    elif name.startswith(PERSON):
        kinds, bare = {Kind.DM}, name[1:]
    found = [
        conversation
        for conversation in context.conversations
        if conversation.record.member
        and conversation.record.kind in kinds
        and fold(conversation.name) == fold(bare)
    ]
    if not found:
        raise UserError("unknown_name", f"You are in no conversation called '{name}'.")
    if len(found) > 1:
        text = f"'{name}' is more than one of your conversations."
        raise UserError("ambiguous_name", text, "Say which by '@', '#' or its id.")
    return found[0]
