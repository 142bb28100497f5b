"""Which conversation is meant where a line names one."""

from collections.abc import Generator
from typing import Any, Final

from geventim.chat import limits
from geventim.chat.values import Kind
from geventim.client import answers, wishes
from geventim.client.answers import Conversation
from geventim.client.wishes import Wish
from geventim.errors import UserError
from geventim.lines.dialogue import NotSaidError

UNKNOWN: Final = "unknown_name"
"""What a wish is refused with that names what there is not."""

NOT_A_MEMBER: Final = "not_a_member"

LONGEST_NAME: Final = 4 * limits.NAME_LENGTH
"""Characters; a wish with a longer name is none."""

Search = Generator[Wish, Any, Conversation]


def find(name: str) -> Search:
    """What has this name, with a sign before it. Raises :class:`UserError`."""
    found = yield from _find(name)
    if not found.conversations:
        raise UserError(UNKNOWN, f"You are in no conversation called '{name}'.")
    return found.conversations[0]


def place(name: str) -> Search:
    """The room or group of this name that the user is in. Raises :class:`UserError`."""
    found = yield from _find(name)
    for kind in (Kind.ROOM, Kind.GROUP):
        for each in found.conversations:
            if each.kind is kind:
                return each
    raise UserError(NOT_A_MEMBER, f"You are in no room or group '{name}'.")


def room(name: str) -> Search:
    """The room of this name that the user is in. Raises :class:`UserError`."""
    found = yield from _find(name)
    kinds = {each.kind: each for each in found.conversations}
    if Kind.ROOM in kinds:
        return kinds[Kind.ROOM]
    if Kind.GROUP in kinds:
        raise UserError("not_a_room", f"'{name}' is a group.", f"Usage: @group leave {name}")
    raise UserError(NOT_A_MEMBER, f"You are not in a room called '{name}'.")


def group(name: str) -> Search:
    """The group of this name that the user is in. Raises :class:`UserError`.

    For any other the answer is the same, whether there is one or not: nobody is asked.
    """
    if len(name) > LONGEST_NAME:
        raise UserError("bad_name", "No group has a name that long.")
    found = yield from _find(name)
    for each in found.conversations:
        if each.kind is Kind.GROUP:
            return each
    if found.deleted:
        raise NotSaidError("no_group", f"Group '{name}' does not exist.")
    raise NotSaidError(NOT_A_MEMBER, f"You are not a member of group {name}.")


def _find(name: str) -> Generator[Wish, Any, answers.Found]:
    if not 0 < len(name) <= LONGEST_NAME:
        return answers.Found((), deleted=False, known=False)
    found: answers.Found = yield wishes.Find(id=0, name=name)
    return found
