"""What has happened, in words."""

from collections.abc import Mapping
from typing import Any, Final

from geventim.chat.values import Status

NOTICES: Final = {
    "account_ended": "{nick} is not on this server any more.",
    "added": "You have been added to group '{name}' by {nick}.",
    "added.many": "You have been added to {count:,} more groups by {nick}{and_others}.",
    "away": "{nick} is 'Away' and may not respond.{why}",
    "busy": "The server asks for a pause of {seconds} seconds. Nothing is lost.",
    "deleted": "The operator of the server has deleted '{name}'.",
    "entering": ("You are not in '{name}' yet; the client goes on trying. What you type waits."),
    "group_deleted": "Group {name} has been deleted.",
    "in_order": "Your client is back in '{name}'.",
    "kicked": "The server has put {whom} out of '{name}'.",
    "left_group": "{nick} left group {name}.",
    "members": "You are in '{name}'. {people}",
    "moved": "What was written in '{name}' until now cannot be read here.",
    "new_key": "{nick} changes the key of '{name}'. The new one is: {key}",
    "news": "What follows is new.",
    "not_connected": "{nick} is not connected and will get it on return.",
    "rejoined": "'{name}' was joined anew. {people}",
    "removed": "{nick} has removed you from '{name}'.",
    "status": "{nick}{and_more} {are} now '{status}'.",
    "storage_failed": (
        "The server cannot store anything at the moment: what you wrote in {name} is not delivered"
        " yet. It goes out by itself once the server's operator has mended that."
    ),
    "waiting_for_turn": (
        "Your client waits for its turn to {what} '{name}'. What you type there goes out by itself"
        " after that."
    ),
    "weak_key": "That key may be guessed. '@newkey ROOM' makes one that cannot be.",
}
"""By code, and case if there are several."""


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """What is said of it."""
    key = "added.many" if code == "added" and "count" in facts else code
    return NOTICES[key].format(**{**facts, **_worded(facts)})


def some(nick: str, others: int) -> str:
    """Somebody, and so many others."""
    return nick + _others(others)


def _others(count: int) -> str:
    if not count:
        return ""
    return " and 1 other" if count == 1 else f" and {count:,} others"


def _worded(facts: Mapping[str, Any]) -> dict[str, str]:
    """What has to be put into words before it can be said."""
    others = facts.get("others", 0)
    return {
        "and_others": " and others" if others else "",
        "and_more": _others(others) if isinstance(others, int) else "",
        "are": "are" if others else "is",
        "whom": facts.get("nick") or "you",
        "what": "get into" if facts.get("comes") else "change the keys of",
        "people": _people(facts),
        "why": f" They say: {facts['text']}" if facts.get("text") else "",
        "status": str(facts.get("status", Status.NORMAL)),
    }


def _people(facts: Mapping[str, Any]) -> str:
    """Who is in a conversation, and how that differs from what we knew."""
    text = f"In it are: {', '.join(facts.get('names', ()))}."
    for what, people in (("New", facts.get("new")), ("Gone", facts.get("gone"))):
        if people:
            text += f" {what} since your client left off: {', '.join(people)}."
    return text
