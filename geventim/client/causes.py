"""Why something could not be read, and what happens next: every case there is.

Each is shown as one line, and many at a time as one line for all. ``{author}`` is a nick,
``{name}`` the conversation and ``{places}`` that one and maybe others, ``{messages}`` so many of
them as ``count`` says, ``{people}`` nicks, ``{place}`` a place in the program.
"""

from enum import Enum
from typing import Final

from geventim.errors import PeerError

MANY_MESSAGES: Final = (
    "{count} messages of {author} in {places} could not be read. They were skipped."
)


class Cause(Enum):
    """Everything that can keep an entry from being read, or make it doubtful."""

    UNREADABLE = (
        "A message from {author} in '{name}' could not be decrypted: it was damaged or forged.",
        "It was skipped.",
        MANY_MESSAGES,
    )
    ANOTHER_EPOCH = (
        "A message from {author} in '{name}' was sealed for other members than there are now.",
        "It was skipped.",
        MANY_MESSAGES,
    )
    NO_CONTENT = (
        "A message from {author} in '{name}' says nothing that this program understands.",
        "It was skipped; a newer version may show it.",
        MANY_MESSAGES,
    )
    IMPOSTOR = (
        "The server says that {author} wrote a message in '{name}' which is somebody else's.",
        "It was skipped.",
        MANY_MESSAGES,
    )
    NO_NAME = (
        "An entry in '{name}' has no valid author.",
        "It was skipped.",
        "{count} entries in {places} have no valid author. They were skipped.",
    )
    OWN_COPY = (
        "In '{name}' there is something under your name that this client did not send: its data"
        " are older than what it has sent, or somebody has your keys.",
        "It changes its keys before it sends.",
    )
    REPEATED = (
        "A message from {author} in '{name}' came a second time.",
        "It was skipped.",
    )
    VOID = (
        "{author} tried to change '{name}' in a way that is not valid.",
        "Nothing has changed.",
    )
    OTHER_STATE = (
        "{author} tried to change '{name}', but has seen another history of it than your client.",
        "Nothing has changed.",
    )
    SHUT_OUT = (
        "{author} changed the keys of '{name}' so that your client could not follow at once.",
        "It is back in step. What stays unread: {messages}.",
    )
    LOST_WELCOME = (
        "{author} has added you to '{name}', but the keys for it are gone.",
        "Your client gets in by itself; what is written until then may stay unread.",
    )
    BAD_WELCOME = (
        "{author} has added you to '{name}' in a way that is not valid.",
        "Your client gets in by itself.",
    )
    MISSED = (
        "In '{name}', {messages} could not be read: your client was out of step.",
        "It is back in step, and reads on from here.",
    )
    EXPIRED = (
        "The entries {first} to {last} of '{name}' have expired on the server.",
        "Reading goes on after them.",
    )
    OTHER_CHANGE = (
        "{author} changed the members of '{name}' in another way than was declared.",
        "What counts is what {author} signed: {people}.",
    )
    FALSE_NICK = (
        "{author} goes by a nick that is somebody else's, or that is none.",
        "That is how your client calls them; what they say of themselves is not believed.",
    )
    OTHER_HISTORY = (
        "The server shows you and {author} different histories of '{name}'.",
        "Compare what you see with {author} elsewhere.",
    )
    GAP = (
        "In '{name}', {messages} from {author} did not arrive.",
        "The server has kept that back; ask {author}.",
    )
    BACKWARDS = (
        "The server offers an older state of '{name}' than your client has seen.",
        "Nothing is sent there until you type '@rejoin {name}', which shows who is in it.",
    )
    UNVOUCHED = (
        "The server offers a state of '{name}' that nobody who was in it vouches for.",
        "Nothing is sent there until you type '@rejoin {name}', which shows who is in it.",
    )
    REPLACED_HISTORY = (
        "The server has another history of '{name}' than your client has read.",
        "Nothing is sent there until you type '@rejoin {name}', which shows who is in it.",
    )
    NO_KEY = (
        "The room '{name}' is keyed, and your client does not have its present key.",
        "Ask a member for it, and type '@join {name} KEY'.",
    )
    PASSED_OVER = (
        "This program cannot take an entry of {author} in '{name}' ({place}).",
        "It was passed over. Please report this line.",
    )
    FAILED_HERE = (
        "This program fails with what is to be done in '{name}'.",
        "Nothing is sent there until you type '@rejoin {name}'. Please report this line.",
    )
    BAD_GROUP = (
        "What your client was given to get into '{name}' is not valid.",
        "Nothing is sent there until it is. Your client tries again by itself.",
    )
    NO_STATE = (
        "Nobody who is in '{name}' can let your client in now.",
        "Your client tries again by itself.",
    )

    def __init__(self, why: str, remedy: str, many: str = "") -> None:
        self.why = why
        self.remedy = remedy
        self.many = many

    @property
    def code(self) -> str:
        """A word for programs."""
        return self.name.lower()

    def text(self, **facts: object) -> str:
        """The line about the case at hand."""
        count = facts.get("count")
        messages = "1 message" if count == 1 else f"{count} messages"
        return f"{self.why} {self.remedy}".format(messages=messages, **facts)

    def text_of_many(self, count: int, authors: int, names: int, facts: dict[str, object]) -> str:
        """The line about ``count`` cases by several ``authors`` in conversations of several names.

        ``facts`` are those of the last. It stands for all, so that nobody can fill a screen.
        """
        if not self.many:
            where = "" if names == 1 else f", in {names:,} conversations"
            return f"{self.text(**facts)} That happened {count:,} times{where}."
        author, name = facts.get("author", ""), facts.get("name", "")
        said = {
            "count": f"{count:,}",
            "author": author if authors == 1 else f"{author} and others",
            "places": f"'{name}'" if names == 1 else f"'{name}' and other conversations",
        }
        return self.many.format(**{**facts, **said})


HOLDING_UP: Final = frozenset(
    cause.name for cause in (Cause.BAD_GROUP, Cause.NO_STATE, Cause.BACKWARDS, Cause.UNVOUCHED)
)
"""Why we may not get in for a while."""

MOVING: Final = frozenset({Cause.OWN_COPY, Cause.LOST_WELCOME})
"""What is to be expected where the user was with another client only."""


class ContradictionError(PeerError):
    """The server gives out what contradicts what we know; ``cause`` says how."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.code)
        self.cause = cause
