"""Why something could not be read, in words, and what happens next.

Each is one line, and many at a time are one line for all. ``{author}`` is a nick, ``{name}`` the
conversation and ``{places}`` that one and maybe others, ``{messages}`` so many of them as ``count``
says, ``{people}`` nicks, ``{place}`` a place in the program.
"""

from collections.abc import Mapping
from typing import Any, Final

MANY_MESSAGES: Final = (
    "{count} messages of {author} in {places} could not be read. They were skipped."
)

CAUSES: Final[dict[str, tuple[str, str, str]]] = {
    "unreadable": (
        "A message from {author} in '{name}' could not be decrypted: it was damaged or forged.",
        "It was skipped.",
        MANY_MESSAGES,
    ),
    "another_epoch": (
        "A message from {author} in '{name}' was sealed for other members than there are now.",
        "It was skipped.",
        MANY_MESSAGES,
    ),
    "no_content": (
        "A message from {author} in '{name}' says nothing that this program understands.",
        "It was skipped; a newer version may show it.",
        MANY_MESSAGES,
    ),
    "impostor": (
        "The server says that {author} wrote a message in '{name}' which is somebody else's.",
        "It was skipped.",
        MANY_MESSAGES,
    ),
    "no_name": (
        "An entry in '{name}' has no valid author.",
        "It was skipped.",
        "{count} entries in {places} have no valid author. They were skipped.",
    ),
    "own_copy": (
        "In '{name}' there is something under your name that this client did not send: its data"
        " are older than what it has sent, or somebody has your keys.",
        "It changes its keys before it sends.",
        "",
    ),
    "repeated": (
        "A message from {author} in '{name}' came a second time.",
        "It was skipped.",
        "",
    ),
    "void": (
        "{author} tried to change '{name}' in a way that is not valid.",
        "Nothing has changed.",
        "",
    ),
    "other_state": (
        "{author} tried to change '{name}', but has seen another history of it than your client.",
        "Nothing has changed.",
        "",
    ),
    "shut_out": (
        "{author} changed the keys of '{name}' so that your client could not follow at once.",
        "It is back in step. What stays unread: {messages}.",
        "",
    ),
    "lost_welcome": (
        "{author} has added you to '{name}', but the keys for it are gone.",
        "Your client gets in by itself; what is written until then may stay unread.",
        "",
    ),
    "bad_welcome": (
        "{author} has added you to '{name}' in a way that is not valid.",
        "Your client gets in by itself.",
        "",
    ),
    "missed": (
        "In '{name}', {messages} could not be read: your client was out of step.",
        "It is back in step, and reads on from here.",
        "",
    ),
    "expired": (
        "The entries {first} to {last} of '{name}' have expired on the server.",
        "Reading goes on after them.",
        "",
    ),
    "other_change": (
        "{author} changed the members of '{name}' in another way than was declared.",
        "What counts is what {author} signed: {people}.",
        "",
    ),
    "false_nick": (
        "{author} goes by a nick that is somebody else's, or that is none.",
        "That is how your client calls them; what they say of themselves is not believed.",
        "",
    ),
    "other_history": (
        "The server shows you and {author} different histories of '{name}'.",
        "Compare what you see with {author} elsewhere.",
        "",
    ),
    "gap": (
        "In '{name}', {messages} from {author} did not arrive.",
        "The server has kept that back; ask {author}.",
        "",
    ),
    "backwards": (
        "The server offers an older state of '{name}' than your client has seen.",
        "Nothing is sent there until you type '@rejoin {name}', which shows who is in it.",
        "",
    ),
    "unvouched": (
        "The server offers a state of '{name}' that nobody who was in it vouches for.",
        "Nothing is sent there until you type '@rejoin {name}', which shows who is in it.",
        "",
    ),
    "replaced_history": (
        "The server has another history of '{name}' than your client has read.",
        "Nothing is sent there until you type '@rejoin {name}', which shows who is in it.",
        "",
    ),
    "lost": (
        "The server does not know '{name}' any more.",
        "Nothing is sent there until you type '@rejoin {name}', which begins anew what it has.",
        "",
    ),
    "no_key": (
        "The room '{name}' is keyed, and your client does not have its present key.",
        "Ask a member for it, and type '@join {name} KEY'.",
        "",
    ),
    "passed_over": (
        "This program cannot take an entry of {author} in '{name}' ({place}).",
        "It was passed over. Please report this line.",
        "",
    ),
    "failed_here": (
        "This program fails with what is to be done in '{name}'.",
        "Nothing is sent there until you type '@rejoin {name}'. Please report this line.",
        "",
    ),
    "bad_group": (
        "What your client was given to get into '{name}' is not valid.",
        "Nothing is sent there until it is. Your client tries again by itself.",
        "",
    ),
    "no_state": (
        "Nobody who is in '{name}' can let your client in now.",
        "Your client tries again by itself.",
        "",
    ),
}
"""What has happened, what comes of it, and both for many."""


def explain(code: str, facts: Mapping[str, Any], happened: int) -> str:
    """The line about what has ``happened`` so many times.

    ``facts`` are those of the last time, and how many ``authors`` and ``conversations`` there were.
    """
    why, remedy, many = CAUSES[code]
    if happened > 1 and many:
        return many.format(**{**facts, **_gather(facts, happened)})
    count = facts.get("count")
    messages = "1 message" if count == 1 else f"{count} messages"
    text = f"{why} {remedy}".format(**{**facts, "messages": messages})
    if happened == 1:
        return text
    places = facts["conversations"]
    where = "" if places == 1 else f", in {places:,} conversations"
    return f"{text} That happened {happened:,} times{where}."


def _gather(facts: Mapping[str, Any], happened: int) -> dict[str, str]:
    """Many of them as one, so that nobody can fill a screen."""
    author, name = facts.get("author", ""), facts.get("name", "")
    return {
        "count": f"{happened:,}",
        "author": author if facts["authors"] == 1 else f"{author} and others",
        "places": f"'{name}'{'' if facts['conversations'] == 1 else ' and other conversations'}",
    }


LONG: Final = 48
"""Hours from which on days are told."""


def disagreement(seconds: int) -> str:
    """That this machine's clock is so far ahead of the server's; or behind it, below 0."""
    hours = round(abs(seconds) / 3600)
    time = f"{hours} hours" if hours < LONG else f"{round(hours / 24):,} days"
    side = "ahead of" if seconds > 0 else "behind"
    return f"This machine's clock is {time} {side} the server's: one of them is wrong."
